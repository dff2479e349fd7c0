"""A course of one assignment, to test the engine with: no word of it stands in the harness."""

from minigrade import Course

COURSE = Course(
    name="Tiny", package="tinypack", assignments=("t0_numbers",), files=("tinypack/*.py",)
)
