"""What workers should find imported when they are forked.

Numba takes most of a second to import, and a grading forks dozens of workers. What the
package under test imports as it loads is read off its text; the zygote then imports it
once. Nothing follows from a wrong guess but time: the list of what may be imported is
ours, and short.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

PRELOADED = ("numpy", "numba", "numba.cuda")

# At the start of a line: what stands in a function is imported when that is called.
_OF_OTHERS = re.compile(
    r"^(?:from|import)[ \t]+(\w[\w.]*)(?:[ \t]+import[ \t(]+(.*))?", re.MULTILINE
)
_OF_ITS_OWN = re.compile(r"^from[ \t]+\.(\w*)[ \t]+import[ \t(]+(.*)", re.MULTILINE)


def preloaded(root: Path, package: str) -> list[str]:
    """Return which of `PRELOADED` a package imports, in files that its ``__init__`` reaches."""
    wanted: set[str] = set()
    for _, text in reached(root / package):
        for module, names in _OF_OTHERS.findall(text):
            wanted.add(module)
            wanted |= {f"{module}.{name}" for name in re.findall(r"\w+", names)}
    return [
        name
        for name in PRELOADED
        if any(found == name or found.startswith(f"{name}.") for found in wanted)
    ]


def reached(folder: Path, start: Iterable[str] = ("__init__",)) -> Iterator[tuple[str, str]]:
    """Yield name and text of files of a package, and of those that they import as they load.

    Args:
        folder: the package.
        start: where to begin; names have no ``.py``.
    """
    waiting = sorted(start)
    seen = set(waiting)
    while waiting:
        name = waiting.pop()
        try:
            text = (folder / f"{name}.py").read_text("utf-8", errors="replace")
        except OSError:
            continue
        yield name, text
        for module, names in _OF_ITS_OWN.findall(text):
            found = {module} if module else set(re.findall(r"\w+", names))
            waiting += sorted(found - seen)
            seen |= found
