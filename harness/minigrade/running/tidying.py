"""Make a verdict fit for a report: the same each time, of bounded length, silent where hidden.

Kinds put into a verdict what a student's process sent. Addresses and the names of
temporary folders differ from run to run, and a report must not.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import msgspec

from minigrade.model import Frame, Status, Verdict

_ADDRESS = re.compile(r"\b(at )?0x[0-9a-fA-F]{6,}")
_TEXT_KEPT = 6_000  # kinds shorten what they show to less; this bounds what they forgot
_SOURCE_KEPT = 300
_ALSO_KEPT = 10
_RANDOM = 8  # characters at the end of a temporary folder's name

_HIDDEN_MESSAGES = {
    Status.FAILED: "a value is not what it should be",
    Status.RAISED: "raised an exception",
    Status.TIMED_OUT: "did not finish in time",
    Status.CRASHED: "the process that runs the code ended",
}
_RAISED_BY_NAME = frozenset({"stub", "missing", "import"})  # the others hold a class's name


def tidied(verdict: Verdict, place: Path) -> Verdict:
    """Return `verdict` without what differs from run to run, and with bounded texts.

    Args:
        verdict: of any kind.
        place: the temporary folder of the copy and of all that its processes write.
    """
    # A text may have been cut in the middle of a name.
    places = re.compile(rf"{re.escape(str(place)[:-_RANDOM])}\w*(/(submission|scratch(/\w*)?))?/?")

    def clean(text: str) -> str:
        text = places.sub(lambda found: "" if found[0].endswith("/") else ".", text)
        return _shortened(_ADDRESS.sub(lambda found: f"{found[1] or ''}0x…", text), _TEXT_KEPT)

    def clean_frame(frame: Frame) -> Frame:
        texts = {name: _shortened(getattr(frame, name), _SOURCE_KEPT) for name in _FRAME_TEXTS}
        return msgspec.structs.replace(frame, **texts)

    data: dict[str, Any] = dict(verdict.data)
    if "also" in data:
        data["also"] = [clean(text) for text in data["also"][:_ALSO_KEPT]]
    return msgspec.structs.replace(
        verdict,
        message=clean(verdict.message),
        observed=clean(verdict.observed),
        printed=clean(verdict.printed),
        frames=tuple(map(clean_frame, verdict.frames)),
        data=data,
    )


_FRAME_TEXTS = ("file", "function", "source")


def without_students_text(verdict: Verdict) -> Verdict:
    """Return a hidden verdict without anything that the student's process chose.

    It could tell of hidden cases, be it in the name of an exception's class.
    """
    raised = verdict.status is Status.RAISED and verdict.category not in _RAISED_BY_NAME
    return msgspec.structs.replace(
        verdict,
        message=_HIDDEN_MESSAGES.get(verdict.status, ""),
        category="raised" if raised else verdict.category,
        observed="",
        printed="",
        frames=(),
        data={},
    )


def _shortened(text: str, limit: int) -> str:
    return text if len(text) <= limit else f"{text[:limit]}…"
