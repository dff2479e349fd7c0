"""The only assignment."""

from minigrade import Assignment

ASSIGNMENT = Assignment("t0", title="Numbers")
