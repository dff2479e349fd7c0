"""What probes may use, beside the student's code: it runs in the worker.

Nothing here knows what is expected.
"""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType
from typing import Any


def as_written(*ways: Callable[[], Any]) -> Any:
    """Return what the first of `ways` to call a function gives that fits how it was written.

    For functions whose signature the course leaves open, such as ``map``, which
    takes a list at once or returns a function that takes it::

        as_written(lambda: map(fn)(ls), lambda: map(fn, ls))

    A way fits if it raises neither TypeError nor AttributeError, as arguments in the
    wrong places do, and is not left with a function.

    Raises:
        TypeError, AttributeError: no way fits. Of their errors, the one from deepest
            inside the function: it comes from its code, not from a call that misses it.
    """
    errors: list[Exception] = [TypeError("the result is a function, however it is called")]
    for way in ways:
        try:
            result = way()
        except (TypeError, AttributeError) as error:
            errors.append(error)
        else:
            if not callable(result):
                return result
    raise max(errors, key=lambda error: _depth(error.__traceback__))


def items(result: Any) -> Any:
    """Return the items of whatever can be gone through, as a list; all else as it is."""
    return list(result) if hasattr(result, "__iter__") else result


def _depth(traceback: TracebackType | None) -> int:
    """Return how many calls lie between a handler and what raised."""
    depth = 0
    while traceback:
        depth, traceback = depth + 1, traceback.tb_next
    return depth
