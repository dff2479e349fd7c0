"""Compile a sequence of statements; each kind is handled where `HANDLERS` says."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

from minigrade.simt.entities import Run
from minigrade.simt.errors import Unsupported
from minigrade.simt.frames import Frame
from minigrade.simt.machine import Machine

HANDLERS: dict[type[ast.stmt], Callable[[Frame, Any], Run | None]] = {}
"""Filled by `minigrade.simt.statements`; loops and functions need it before."""

_NAMES: dict[type[ast.stmt], str] = {
    ast.ClassDef: "a class inside a kernel",
    ast.Import: "an import inside a kernel",
    ast.ImportFrom: "an import inside a kernel",
    ast.Try: "try",
    ast.With: "with",
    ast.Delete: "del",
    ast.Global: "global",
    ast.Nonlocal: "nonlocal",
    ast.Match: "match",
}


def block(frame: Frame, body: list[ast.stmt]) -> Run:
    """Return what runs `body`; what cannot be reached is left out, as numba does."""
    runs: list[Run] = []
    lines: list[int] = []
    for node in body:
        if frame.env is None:
            break
        run = statement(frame, node)
        if run is not None:
            runs.append(run)
            lines.append(node.lineno)
    program, file = frame.program, frame.file

    def run_block(m: Machine) -> None:
        run = None
        try:
            for run in runs:
                m.fuel -= 1
                if m.fuel <= 0:
                    m.tick()
                run(m)
                if not m.mask.count:
                    return
        except Exception:
            if run is not None and program.place is None:  # the innermost statement
                program.place = (lines[runs.index(run)], file)
            raise

    return run_block


def statement(frame: Frame, node: ast.stmt) -> Run | None:
    """Return what runs one statement, or None if there is nothing to do."""
    frame.program.visit(node.lineno, frame.file)
    handler = HANDLERS.get(type(node))
    if handler is None:
        raise Unsupported(
            _NAMES.get(type(node), f"the statement {type(node).__name__}"),
            line=node.lineno,
            file=frame.file,
        )
    return handler(frame, node)


def sequence(runs: list[Run]) -> Run:
    """Return what runs all of `runs`."""
    if len(runs) == 1:
        return runs[0]

    def run_all(m: Machine) -> None:
        for run in runs:
            run(m)

    return run_all
