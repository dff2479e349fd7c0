"""Assignment 3: the same tensors, compiled and in parallel."""

from minigrade import Assignment

ASSIGNMENT = Assignment(
    "m3",
    title="Efficiency",
    builds_on="m2",
    files=("minitorch/fast_blocks.py", "minitorch/cores.py"),
)
