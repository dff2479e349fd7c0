"""A course of three assignments that build on one another, to test carry-over with."""

from minigrade import Course

COURSE = Course(
    name="Grown",
    package="tinypack",
    assignments=("t0_numbers", "t1_lists", "t2_words"),
    files=("tinypack/*.py",),
)
