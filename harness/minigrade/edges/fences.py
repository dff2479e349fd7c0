"""Find the answers in a file of the reference, by the fences around them.

A fence is two comments, each on a line of its own, in one block, around whole
statements::

    # SOLUTION 1.2
    a, b = ctx.saved_values
    return b * d_output, a * d_output
    # END SOLUTION

In a function, a stub takes their place. At the top level, and in the body of a class,
nothing does: there a fence is for helpers that only answers use. Whether the statements
are whole is for `minigrade.edges.cutting` to say.
"""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass

from minigrade.errors import CourseError

_BEGIN = re.compile(r"# SOLUTION (\d+\.\d+)")
_END = re.compile(r"# END SOLUTION")
# Misspelled fences, which would hand out answers. "# Solution by bisection" is none.
_LIKE_A_FENCE = re.compile(r"#\W*(end\W*)?solution\W*(\d|$)", re.IGNORECASE)


@dataclass(frozen=True)
class Fence:
    """A pair of fence comments: the task, and their lines, counted from 1."""

    task: str
    begin: int
    end: int


def find_fences(text: str, path: str) -> tuple[Fence, ...]:
    """Return the fences of a file, from top to bottom.

    Args:
        text: the file's text.
        path: its path, for messages.

    Raises:
        CourseError: `text` is not Python, or a fence is malformed, nested or
            lacks its other half. Says file and line.
    """
    fences: list[Fence] = []
    open_task, open_line = "", 0
    for line, comment in _fence_comments(text, path):
        begin = _BEGIN.fullmatch(comment)
        if begin and open_line:
            raise CourseError(
                f"{path}:{line}: a fence inside the one that begins at line {open_line}; "
                "close that one with '# END SOLUTION' first"
            )
        if begin:
            open_task, open_line = begin[1], line
        elif open_line:
            fences.append(Fence(open_task, open_line, line))
            open_line = 0
        else:
            raise CourseError(
                f"{path}:{line}: '# END SOLUTION' closes nothing; "
                "write '# SOLUTION' and the task's id before the answer's first statement"
            )
    if open_line:
        raise CourseError(
            f"{path}:{open_line}: this fence is never closed; "
            "write '# END SOLUTION' after the answer's last statement"
        )
    return tuple(fences)


def fenced_runs(text: str, path: str) -> tuple[tuple[Fence, str], ...]:
    """Return each fence of a file, with the lines between its comments.

    Raises:
        CourseError: see `find_fences`.
    """
    lines = text.splitlines(keepends=True)
    return tuple((f, "".join(lines[f.begin : f.end - 1])) for f in find_fences(text, path))


def _fence_comments(text: str, path: str) -> Iterator[tuple[int, str]]:
    """Yield line and text of each comment that is half of a fence."""
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(text).readline))
    except (tokenize.TokenError, SyntaxError) as error:
        raise CourseError(f"{path}: not Python: {error}") from None
    for token in tokens:
        if token.type != tokenize.COMMENT or not _LIKE_A_FENCE.match(token.string):
            continue
        line, column = token.start
        if not (_BEGIN.fullmatch(token.string) or _END.fullmatch(token.string)):
            raise CourseError(
                f"{path}:{line}: {token.string!r} looks like a fence but is none; "
                "write '# SOLUTION 1.2' before and '# END SOLUTION' after an answer"
            )
        if token.line[:column].strip():
            raise CourseError(
                f"{path}:{line}: {token.string!r} follows code; a fence stands on its own line"
            )
        yield line, token.string
