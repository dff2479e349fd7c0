"""Assignment 0: operators, higher-order functions, modules."""

from minigrade import Assignment

ASSIGNMENT = Assignment(
    "m0",
    title="Fundamentals",
    files=(
        "minitorch/__init__.py",
        "minitorch/datasets.py",
        "minitorch/testing.py",
        "project/run_manual.py",
    ),
)
