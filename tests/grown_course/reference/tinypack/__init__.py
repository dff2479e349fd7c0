"""The package, as far as students have come."""

from . import lists, numbers, sums, words

__all__ = ["lists", "numbers", "sums", "words"]
