"""Tests of the operators, written by you in Task 0.2.

Each states a property that holds for all numbers; hypothesis looks for numbers for
which it does not. Import what you test from ``minitorch.operators``: a test is good
if it passes whatever is right, and fails if an operator lacks the property. Floats
are rounded: compare with a tolerance what has been computed in two ways.
"""

from hypothesis import given
from hypothesis import strategies as st

from minitorch.operators import add, addLists, is_close, lt, mul, neg, sigmoid, sum

small_floats = st.floats(min_value=-100, max_value=100, allow_nan=False)
pairs = st.tuples(small_floats, small_floats)


@given(small_floats, small_floats)
def test_sigmoid(a: float, b: float) -> None:
    """The sigmoid lies from 0 to 1, is 0.5 at 0, never falls, and s(-x) = 1 - s(x)."""
    # SOLUTION 0.2
    assert 0.0 <= sigmoid(a) <= 1.0
    assert is_close(sigmoid(0.0), 0.5)
    assert is_close(sigmoid(-a), 1.0 - sigmoid(a))
    low, high = sorted((a / 10, b / 10))
    assert sigmoid(low) <= sigmoid(high)
    # END SOLUTION


@given(small_floats, small_floats, small_floats)
def test_transitive(a: float, b: float, c: float) -> None:
    """If `lt` says that a is less than b, and b less than c, then also that a is less than c."""
    # SOLUTION 0.2
    if lt(a, b) and lt(b, c):
        assert lt(a, c)
    # END SOLUTION


@given(small_floats, small_floats)
def test_symmetric(a: float, b: float) -> None:
    """`mul` gives the same result for its arguments in either order."""
    # SOLUTION 0.2
    assert is_close(mul(a, b), mul(b, a))
    # END SOLUTION


@given(small_floats, small_floats, small_floats)
def test_distribute(x: float, y: float, z: float) -> None:
    """Multiplying a sum is adding up products: z (x + y) = z x + z y."""
    # SOLUTION 0.2
    assert is_close(mul(z, add(x, y)), add(mul(z, x), mul(z, y)))
    # END SOLUTION


@given(small_floats)
def test_other(a: float) -> None:
    """A property of your choice, of an operator not tested above."""
    # SOLUTION 0.2
    assert neg(neg(a)) == a
    assert add(a, neg(a)) == 0.0
    # END SOLUTION


@given(st.lists(pairs, min_size=1, max_size=6))
def test_sum_distribute(both: list[tuple[float, float]]) -> None:
    """The sums of two lists add up to the sum of what `addLists` makes of the lists."""
    # SOLUTION 0.2
    ls1, ls2 = [x for x, _ in both], [y for _, y in both]
    assert is_close(sum(ls1) + sum(ls2), sum(addLists(ls1, ls2)))
    # END SOLUTION
