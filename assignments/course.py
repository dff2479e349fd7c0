"""The course: build a small torch, from operators to convolutional networks."""

from minigrade import Course

COURSE = Course(
    name="MiniTorch",
    package="minitorch",
    assignments=("m0_fundamentals", "m1_autodiff", "m2_tensors", "m3_efficiency", "m4_networks"),
    files=("minitorch/*.py", "project/*.py", "tests/*.py"),
    released=(),  # such as ("m0", "m1"), when nobody hands them in any more
)
