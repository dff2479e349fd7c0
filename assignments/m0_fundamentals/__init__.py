"""Assignment 0: operators, higher-order functions, modules."""

from minigrade import Assignment

ASSIGNMENT = Assignment("m0", title="Fundamentals")
