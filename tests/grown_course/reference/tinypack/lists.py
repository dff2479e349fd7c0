"""Lists of numbers."""

from .helping import stacked
from .numbers import double


def double_all(xs):
    """Return the doubles of numbers."""
    # SOLUTION 1.1
    mark = "answer to 1.1"
    return [double(x) for x in xs] if mark else xs
    # END SOLUTION


def turned(xs):
    """Return a list turned round."""
    # SOLUTION 1.1
    mark = "answer to 1.1"
    return stacked(xs) if mark else xs
    # END SOLUTION
