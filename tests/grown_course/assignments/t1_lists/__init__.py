"""Lists of numbers."""

from minigrade import Assignment

ASSIGNMENT = Assignment("t1", title="Lists", builds_on="t0")
