"""What is counted and numbered while a kernel and its device functions are compiled."""

from __future__ import annotations

import ast
import time
from typing import TYPE_CHECKING, Any

from minigrade.simt.dtypes import DType
from minigrade.simt.errors import LimitExceeded
from minigrade.simt.limits import Limits
from minigrade.simt.machine import Site
from minigrade.simt.memory import ArrayDecl

if TYPE_CHECKING:
    from minigrade.simt.frames import Frame


_LOOK = 256  # nodes between two looks at the clock


class Program:
    """What all functions of one launch share while they are compiled.

    Attributes:
        place: the line and the file at work, to blame should something fail; None while the
            kernel runs, until it does.
    """

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.deadline = time.monotonic() + limits.wall_s
        self.place: tuple[int, str] | None = None
        self.slots = 0
        self.sites: list[Site] = []
        self.arrays: list[ArrayDecl] = []
        self._sites: dict[tuple[Any, ...], Site] = {}
        self._arrays: dict[tuple[Any, ...], ArrayDecl] = {}
        self._nodes = 0

    def new_slot(self) -> int:
        """Return the number of a fresh slot."""
        self.slots += 1
        return self.slots - 1

    def visit(self, line: int, file: str) -> None:
        """Count a syntax node.

        Raises:
            LimitExceeded: device functions call device functions without end, nearly.
        """
        self._nodes += 1
        self.place = (line, file)
        if self._nodes % _LOOK == 0 and time.monotonic() > self.deadline:
            raise LimitExceeded(
                f"the kernel takes longer than {self.limits.wall_s:g} s to read",
                line=line,
                file=file,
            )
        if self._nodes > self.limits.nodes:
            raise LimitExceeded(
                f"the kernel has more than {self.limits.nodes} syntax nodes with its device "
                f"functions written out",
                line=line,
                file=file,
            )

    def site(self, frame: Frame, node: ast.AST, array: ArrayDecl | None, verb: str) -> Site:
        """Return the site of an access in `node`, the same one each time it is compiled."""
        key = (frame.path, id(node), verb, array.number if array else -1)
        if key not in self._sites:
            line = getattr(node, "lineno", 0)
            self._sites[key] = Site(len(self.sites), frame.file, line, array, verb)
            self.sites.append(self._sites[key])
        if array is not None:
            array.readable |= verb == "read"
            array.writable |= verb == "write"
            array.atomic |= verb == "atomic"
        return self._sites[key]

    def declare(
        self, frame: Frame, node: ast.AST, name: str, space: str, dtype: DType, shape: Any
    ) -> ArrayDecl:
        """Return the shared or local array that `node` makes."""
        key = (frame.path, id(node))
        if key not in self._arrays:
            taken = {array.name for array in self.arrays}
            if name in taken:
                name = f"{name}@{getattr(node, 'lineno', 0)}"
            while name in taken:
                name += "'"
            self._arrays[key] = ArrayDecl(
                len(self.arrays), name, space, dtype, tuple(shape),
                line=getattr(node, "lineno", 0), file=frame.file,
            )  # fmt: skip
            self.arrays.append(self._arrays[key])
        return self._arrays[key]
