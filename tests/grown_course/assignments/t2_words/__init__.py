"""Words, which stand on lists."""

from minigrade import Assignment

ASSIGNMENT = Assignment("t2", title="Words", builds_on="t1")
