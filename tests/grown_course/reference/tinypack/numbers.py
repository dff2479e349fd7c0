"""Numbers. Each answer of this package says whose it is, so that tests can look for it."""

from .helping import scaled


def double(x):
    """Return twice a number."""
    # SOLUTION 0.1
    mark = "answer to 0.1"
    return scaled(x, 2) if mark else x
    # END SOLUTION


def half(x):
    """Return half a number."""
    # SOLUTION 1.2
    mark = "answer to 1.2"
    return x / 2 if mark else x
    # END SOLUTION
