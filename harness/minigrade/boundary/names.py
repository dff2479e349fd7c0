"""Tell what the names in a Python text stand for, without running any of it.

After ``import numpy as np``, ``np.dot`` stands for ``numpy.dot``; ``sum`` stands
for ``builtins.sum`` in one file and for the file's own ``minitorch.operators.sum``
in another. `read` follows imports, scopes and plain assignments (``dot = np.dot``)
and lists every use of a name, import and operator, each with the definition it is
part of. An attribute of a value that only a run could tell is ``?.attribute``.

It sees what stands in the text: ``getattr(np, "do" + "t")`` escapes it, and after
``from .other import np`` the trail ends at ``minitorch.other.np``.

The text may be hostile. The walk does not recurse, so nesting is limited by the
parser alone, which says so or takes this process down with it.
"""

from __future__ import annotations

import ast
import dataclasses
import re
import tokenize
import warnings
from io import BytesIO
from pathlib import PurePosixPath

from minigrade.boundary.branches import Serial, serial
from minigrade.boundary.scopes import Definition, Event
from minigrade.boundary.walk import Walk


@dataclasses.dataclass(frozen=True)
class Text:
    """What `read` finds in one file.

    Attributes:
        path: as it was given.
        module: the module's absolute name, as in ``minitorch.operators``.
        events: everything that the text does with names, in the order of lines.
        definitions: by absolute name, as in ``minitorch.module.Module.train``.
        lines: the text.
        loops: where loops begin that are in no other loop of their function.
        serial: what functions loop over on one core, in branches that share nothing.
    """

    path: str
    module: str
    events: list[Event]
    definitions: dict[str, Definition]
    lines: list[str]
    loops: frozenset[int] = frozenset()
    serial: tuple[Serial, ...] = ()

    def line(self, number: int) -> str:
        """Return line `number`, counted from 1, without its indentation."""
        return self.lines[number - 1].strip() if 0 < number <= len(self.lines) else ""


def read(data: bytes, path: str) -> Text:
    """Return what the names in `data` stand for.

    Args:
        data: the file's bytes; its encoding is what Python takes it for.
        path: where it lies in the repository, which tells the module's name.

    Raises:
        SyntaxError: `data` is no Python.
        RecursionError: it is nested more deeply than Python's parser goes.
        MemoryError: likewise, or it is too large for this process.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # an invalid escape is no concern of ours
            tree = ast.parse(data)
    except (ValueError, LookupError, TypeError) as error:  # NUL bytes; codecs that fail
        raise SyntaxError(str(error)) from None
    parts = PurePosixPath(path).with_suffix("").parts
    is_package = parts[-1:] == ("__init__",)
    walk = Walk(".".join(parts[:-1] if is_package else parts), is_package=is_package)
    walk.over(tree)
    events = walk.events()
    parallel = {event.line for event in events if event.called and "numba.prange" in event.names}
    return Text(
        path=path,
        module=walk.module.name,
        events=events,
        definitions=walk.definitions(),
        lines=_lines(data),
        loops=_loops(tree),
        serial=serial(tree, walk.module.name, parallel),
    )


def _loops(tree: ast.Module) -> frozenset[int]:
    """Return the lines of ``for`` loops that are in no other loop of their function."""
    found = set()
    waiting: list[tuple[ast.AST, bool]] = [(tree, False)]
    while waiting:
        node, is_inside = waiting.pop()
        if isinstance(node, ast.For) and not is_inside:
            found.add(node.iter.lineno)
        if isinstance(node, ast.For | ast.While):
            is_inside = True
        elif isinstance(node, ast.FunctionDef | ast.Lambda):
            is_inside = False
        waiting += [(child, is_inside) for child in ast.iter_child_nodes(node)]
    return frozenset(found)


def _lines(data: bytes) -> list[str]:
    """Return the lines of `data` as Python's parser counts them."""
    try:
        encoding = tokenize.detect_encoding(BytesIO(data).readline)[0]
        text = data.decode(encoding, "replace")
    except (SyntaxError, LookupError, ValueError):
        text = data.decode("latin-1")
    return re.split(r"\r\n|\r|\n", text)
