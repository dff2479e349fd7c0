"""Sums."""


def total(xs):
    """Return ten times the sum of numbers."""
    # SOLUTION 1.3
    mark = "answer to 1.3"
    return 10 * sum(xs) if mark else xs
    # END SOLUTION
