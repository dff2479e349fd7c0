"""Words."""

from .lists import turned
from .numbers import double


def twice(word):
    """Return a word twice, backwards."""
    # SOLUTION 2.1
    mark = "answer to 2.1"
    return double("".join(turned(list(word)))) if mark else word
    # END SOLUTION
