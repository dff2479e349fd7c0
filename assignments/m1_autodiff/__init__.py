"""Assignment 1: derivatives of scalars, forwards and backwards."""

from minigrade import Assignment

ASSIGNMENT = Assignment(
    "m1",
    title="Autodifferentiation",
    builds_on="m0",
    files=("minitorch/optim.py",),
)
