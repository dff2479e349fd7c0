"""A test of `max`, written by you in Task 4.8.

It states what holds for the largest numbers of any tensor; hypothesis looks for tensors for
which it does not. The test is good if it passes whatever is right, and fails a `max` that
gives a number which is not the largest. Its derivative goes to where that number was: compare
it by `grad_check`, but where no two numbers are equal.
"""

from hypothesis import given
from hypothesis import strategies as st

import minitorch
from minitorch.gradients import grad_check

SHAPE = (2, 3, 4)


@given(st.lists(st.floats(-100, 100), min_size=24, max_size=24), st.permutations(range(24)))
def test_max(numbers: list[float], places: list[int]) -> None:
    """Along each dimension `max` gives a number that is there, and none there is larger."""
    # SOLUTION 4.8
    t = minitorch.tensor(numbers).view(*SHAPE)
    for dim in range(len(SHAPE)):
        found = minitorch.max(t, dim)
        assert found.shape == (*SHAPE[:dim], 1, *SHAPE[dim + 1 :])
        for index in found._tensor.indices():
            line = [t[(*index[:dim], i, *index[dim + 1 :])] for i in range(SHAPE[dim])]
            assert found[index] == max(line)
        # Numbers that all differ, as derivatives exist only there.
        apart = minitorch.tensor([place / 2 - 6 for place in places]).view(*SHAPE)
        grad_check(lambda x, dim=dim: minitorch.max(x, dim), apart)
    # END SOLUTION
