"""What a launch did, line by line, cleaned and ready to be shown."""

from __future__ import annotations

import ast
import dataclasses
import os
import tokenize

from minigrade.edges.cleaning import Cleaner
from minigrade.simt import Finding, Trace

_LINE_CHARACTERS = 200
_PART_LINES = 400  # of one function; a longer one ends there


@dataclasses.dataclass(frozen=True)
class Told:
    """A finding in words: `place` is its file and line, `source` the line's text."""

    kind: str
    place: str
    source: str
    message: str
    threads: str


@dataclasses.dataclass(frozen=True)
class LineTraffic:
    """A source line and what it asked of global and shared memory, over all threads.

    Attributes:
        number: its place in the file, from 1.
        source: its text.
        reads: elements read.
        writes: elements written.
        requests: of warps to global memory.
        sectors: that these touched.
        worst: the most lanes that wait for one bank of shared memory; 0 without any.
        used: there was traffic.
        kinds: of the findings here.
    """

    number: int
    source: str
    reads: int
    writes: int
    requests: int
    sectors: int
    worst: int
    used: bool
    kinds: tuple[str, ...]

    @property
    def banks(self) -> str:
        """The bank conflicts in words: ``32-way``, ``none``, or nothing."""
        if not self.worst:
            return ""
        return f"{self.worst}-way" if self.worst > 1 else "none"


@dataclasses.dataclass(frozen=True)
class Part:
    """One function of one file."""

    file: str
    lines: tuple[LineTraffic, ...]


@dataclasses.dataclass(frozen=True)
class Sheet:
    """All that is shown of a launch."""

    title: str
    findings: tuple[Told, ...]
    parts: tuple[Part, ...]


def sheet_of(trace: Trace, title: str, clean: Cleaner) -> Sheet:
    """Return what `trace` says, with each source line that it speaks of."""
    mentioned: dict[str, set[int]] = {}
    for file, line in [*trace.lines, *((each.file, each.line) for each in trace.findings)]:
        mentioned.setdefault(file, set()).add(line)
    texts = {file: _text(file) for file in mentioned}
    parts = []
    for file, lines in mentioned.items():
        for first, last in _functions(texts[file], lines):
            numbers = range(first, min(last, first + _PART_LINES) + 1)
            shown = tuple(_line(trace, file, number, texts[file], clean) for number in numbers)
            parts.append(Part(clean.line(_near(file)), shown))
    told = tuple(_told(each, texts[each.file], clean) for each in trace.findings)
    return Sheet(clean.line(title), told, tuple(parts))


def _told(finding: Finding, lines: list[str], clean: Cleaner) -> Told:
    threads = ""
    if finding.threads:
        names = " and ".join(map(str, finding.threads[:4]))
        threads = f"threads {names}" if len(finding.threads) > 1 else f"thread {names}"
        threads += f", block {finding.block}"
        if finding.other_block is not None:
            threads += f" and block {finding.other_block}"
    place = f"{_near(finding.file)}:{finding.line}"
    if finding.other_line is not None and finding.other_line != finding.line:
        place += f" and line {finding.other_line}"
    source = clean.line(_at(lines, finding.line), _LINE_CHARACTERS)
    return Told(finding.kind, clean.line(place), source, clean.block(finding.message), threads)


def _line(trace: Trace, file: str, number: int, lines: list[str], clean: Cleaner) -> LineTraffic:
    found = trace.lines.get((file, number), {})
    used = {name: each for name, each in found.items() if trace.spaces[name] != "local"}
    far = [each for name, each in used.items() if trace.spaces[name] == "global"]
    return LineTraffic(
        number=number,
        source=clean.block(_at(lines, number), _LINE_CHARACTERS),
        reads=sum(each.reads for each in used.values()),
        writes=sum(each.writes for each in used.values()),
        requests=sum(each.requests for each in far),
        sectors=sum(each.sectors for each in far),
        worst=max((each.worst for each in used.values()), default=0),
        used=any(each.requests for each in used.values()),
        kinds=tuple(
            dict.fromkeys(
                each.kind for each in trace.findings if (each.file, each.line) == (file, number)
            )
        ),
    )


def _functions(lines: list[str], mentioned: set[int]) -> list[tuple[int, int]]:
    """Return the first and the last line of the innermost function around each line."""
    try:
        tree = ast.parse("\n".join(lines))
    except (SyntaxError, ValueError, RecursionError):  # the file has changed since
        return [(min(mentioned), max(mentioned))]
    spans = [
        (node.lineno, node.end_lineno or node.lineno)
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.Lambda)
    ]
    around = set()
    for line in mentioned:
        inside = [span for span in spans if span[0] <= line <= span[1]]
        around.add(max(inside, key=lambda span: (span[0], -span[1]), default=(line, line)))
    return sorted(around)


def _text(file: str) -> list[str]:
    try:
        with tokenize.open(file) as source:  # in the encoding that it declares
            return source.read().split("\n")
    except (OSError, SyntaxError, UnicodeError):  # the file has changed since
        return []


def _at(lines: list[str], number: int) -> str:
    return lines[number - 1] if 1 <= number <= len(lines) else ""


def _near(file: str) -> str:
    """Return the path as seen from here, where that is shorter."""
    return min(file, os.path.relpath(file), key=len) if file else file
