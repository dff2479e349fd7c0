"""Tame text that a student's process may have written.

It may hold a terminal's escape sequences, controls, halves of surrogate pairs,
marks that turn the direction of writing round, and megabytes of all of them.
What comes from here can be shown anywhere, once it is escaped for the medium.
"""

from __future__ import annotations

import dataclasses
import re
import unicodedata

_ESCAPES = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"  # colours and cursor movements
    r"|\x1b[\]PX^_][^\x07\x1b\n]*(?:\x07|\x1b\\)?"  # titles, links, device strings
    r"|\x1b[ -/]*[0-~]"
)
_NEWLINES = re.compile("\r\n|[\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_MARK = "\N{REPLACEMENT CHARACTER}"

_LINE_CHARACTERS = 300
_BLOCK_CHARACTERS, _BLOCK_LINES = 2_000, 20


@dataclasses.dataclass(frozen=True)
class Cleaner:
    """Makes text fit for a medium.

    Attributes:
        encoding: the medium's; what it cannot express is written as an escape.
    """

    encoding: str = "utf-8"

    def block(
        self, text: str, characters: int = _BLOCK_CHARACTERS, lines: int = _BLOCK_LINES
    ) -> str:
        """Return `text` with its line breaks, without its middle where it is too long."""
        # Cut before cleaning, which looks at every character.
        text = _cut(_NEWLINES.sub("\n", text).strip("\n"), characters, lines)
        return self._expressible(_cleaned(text))

    def line(self, text: str, characters: int = _LINE_CHARACTERS) -> str:
        """Return `text` on one line."""
        start = _NEWLINES.sub(" ", text[: 2 * characters])
        short = " ".join(_cleaned(start).split())
        if len(short) > characters or len(text) > 2 * characters:
            short = short[: characters - 3] + "..."
        return self._expressible(short)

    def _expressible(self, text: str) -> str:
        return text.encode(self.encoding, "backslashreplace").decode(self.encoding)


def _cleaned(text: str) -> str:
    """Return `text` without terminal escapes, and with marks for what cannot be seen.

    What cannot be seen is controls, halves of surrogate pairs, and the marks
    that turn the direction of writing round and let code read as what it is not.
    """
    text = _ESCAPES.sub("", text).expandtabs(4)
    if text.isprintable():
        return text
    return "".join(_visible(character) for character in text)


def _visible(character: str) -> str:
    if character == "\n" or character.isprintable():
        return character
    return " " if unicodedata.category(character) == "Zs" else _MARK


def _cut(text: str, characters: int, lines: int) -> str:
    """Leave out the middle of `text` if it is too long or has too many lines."""
    if len(text) <= characters and text.count("\n") < lines:
        return text
    first = text[: characters * 2 // 3].split("\n")[: lines * 2 // 3]
    last = text[-(characters // 3) :].split("\n")[-(lines // 3) :]
    head, tail = "\n".join(first), "\n".join(last)
    omitted = len(text) - len(head) - len(tail)
    return f"{head}\n[... {omitted:,} characters left out ...]\n{tail}"
