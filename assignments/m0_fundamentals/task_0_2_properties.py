"""Task 0.2: properties of the operators, as tests that students write.

Students fill in the bodies of five tests in ``tests/test_operators.py``: of the
shape of ``sigmoid``, of ``lt``'s transitivity, of ``mul``'s symmetry and
distributivity, and of a property of their choice. Staff read them.
"""

from __future__ import annotations

from minigrade import Task

TASK = Task(
    "0.2",
    title="Testing properties",
    points=10,
    files=("tests/test_operators.py",),
    by_staff=True,
    link="https://minitorch.github.io/module0/module0/",
)
