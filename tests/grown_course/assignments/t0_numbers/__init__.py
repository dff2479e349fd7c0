"""What the others stand on."""

from minigrade import Assignment

ASSIGNMENT = Assignment("t0", title="Numbers", files=("tinypack/__init__.py",))
