"""Assignment 2: tensors, in Python loops."""

from minigrade import Assignment

ASSIGNMENT = Assignment(
    "m2",
    title="Tensors",
    builds_on="m1",
    files=(
        "minitorch/layout.py",
        "minitorch/shapes.py",
        "minitorch/history.py",
        "minitorch/function.py",
        "minitorch/making.py",
        "minitorch/gradients.py",
        "minitorch/matmul.py",
        "minitorch/cuda_device.py",
    ),
)
