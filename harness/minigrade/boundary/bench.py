"""Parse and interpret student text, in a process of its own that may die of it.

A text can be made so that Python's parser overflows its stack or takes all
memory, so the grader never parses one. The zygote forks this process, with limits
on memory and time, and the grader asks it. A request names one of `OPERATIONS`
and its plain arguments; the answer is a plain value. What is wrong with a text is
part of the answer, and nothing of a text is ever executed.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Sequence
from typing import Any

from minigrade.boundary import names
from minigrade.boundary.rules import broken, unwritten
from minigrade.boundary.wire import PlainValue

FINDINGS_LIMIT = 100
TEXT_LIMIT = 300


def answer(request: dict[str, Any]) -> PlainValue:
    """Return the answer of the operation that `request` names to its other items.

    A mistake of ours is answered too, as ``{"error": "internal", "message": …}``:
    if it ended the process, it would look like the student's. A text that takes all
    memory does end it.

    Raises:
        MemoryError: see above.
    """
    arguments = {name: value for name, value in request.items() if name != "operation"}
    try:
        return OPERATIONS[request["operation"]](**arguments)
    except MemoryError:
        raise
    except Exception:
        return {"error": "internal", "message": _sendable(traceback.format_exc()[-2_000:], 2_000)}


def source(files: dict[str, str], rules: dict[str, Any], helping: Sequence[str] = ()) -> PlainValue:
    """Return where the texts of `files` break `rules`.

    Args:
        files: each file's bytes, decoded as Latin-1, by path: what encoding they
            are in, a file says itself.
        rules: see `minigrade.boundary.rules`.
        helping: paths of those files that are not judged themselves, but as far as functions
            of the others use what stands in them.

    Returns:
        A dict of ``findings``, a list of ``{file, line, rule, function, message,
        source}``, at most `FINDINGS_LIMIT`; ``more``, how many were left out;
        ``unwritten``, the functions of ``must_call`` that are stubs or missing;
        ``outside``, absolute names of the package that functions use and no text defines,
        at most `FINDINGS_LIMIT`; and ``errors``, a list of ``{file, error, line, message}``
        for texts that could not be read, where ``error`` is ``syntax`` or ``too_deep``.
    """
    texts, errors = [], []
    for path, text in files.items():
        try:
            texts.append(names.read(text.encode("latin-1"), path))
        except SyntaxError as error:
            errors.append(_error(path, "syntax", error.lineno or 0, error.msg or str(error)))
        except (RecursionError, MemoryError) as error:
            message = str(error) or "out of memory"
            errors.append(_error(path, "too_deep", 0, message))
    judged = [text for text in texts if text.path not in helping]
    found, outside = broken(judged, rules, [text for text in texts if text.path in helping])
    return {
        "findings": [
            {
                **one._asdict(),
                "function": _sendable(one.function),
                "message": _sendable(one.message),
                "source": _sendable(one.source),
            }
            for one in found[:FINDINGS_LIMIT]
        ],
        "more": max(0, len(found) - FINDINGS_LIMIT),
        "unwritten": unwritten(judged, rules["must_call"]),
        "outside": [name for name in outside if name.isprintable()][:FINDINGS_LIMIT],
        "errors": errors,
    }


def _error(path: str, error: str, line: int, message: str) -> dict[str, PlainValue]:
    return {"file": path, "error": error, "line": line, "message": _sendable(message)}


def _sendable(text: str, limit: int = TEXT_LIMIT) -> str:
    """Return `text` shortened, with nothing in it that cannot be sent."""
    shortened = text if len(text) <= limit else text[: limit - 1] + "…"
    return shortened.encode("utf-8", "replace").decode()


OPERATIONS: dict[str, Callable[..., PlainValue]] = {"source": source}
