"""Assignment 4: networks for images and for text."""

from minigrade import Assignment

ASSIGNMENT = Assignment(
    "m4",
    title="Networks",
    builds_on="m3",
    needs=("numba",),
)
