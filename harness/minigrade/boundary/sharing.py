"""Find what the iterations of a parallel loop share and write: a race, wherever it shows.

The classic one is an index buffer that is made before the loop. Each iteration fills and
reads it, and so do those on other cores, at the same time. Small tensors do not show it,
and large ones only now and then; the text always does::

    index = np.empty(MAX_DIMS, np.int32)
    for i in prange(len(out)):
        to_index(i, shape, index)      # writes what all iterations read
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import NamedTuple

_MAKERS = frozenset({"empty", "zeros", "ones", "full", "empty_like", "zeros_like", "array", "copy"})
_FILLERS = frozenset({"to_index", "broadcast_index"})  # each fills its last argument

_Function = ast.FunctionDef | ast.AsyncFunctionDef


class Shared(NamedTuple):
    """A buffer that iterations share: where one writes it, its name, where it was made."""

    line: int
    name: str
    made: int


def shared(tree: ast.Module) -> tuple[Shared, ...]:
    """Return the buffers that were made outside of parallel loops and are written inside."""
    found: set[Shared] = set()
    for function in ast.walk(tree):
        if not isinstance(function, _Function):
            continue
        parts = list(_own(function))
        loops = [part for part in parts if isinstance(part, ast.For) and _is_parallel(part)]
        for loop in loops:
            inside = [part for statement in loop.body for part in ast.walk(statement)]
            within = set(map(id, inside))
            made = {
                name: part.lineno
                for part in parts
                if isinstance(part, ast.Assign | ast.AnnAssign) and id(part) not in within
                for name in _made(part)
            }
            private = _depends_on(loop, inside)
            remade = {name for part in inside for name in _made(part)}
            for line, name in _written(inside, private):
                if name in made and name not in remade:
                    found.add(Shared(line, name, made[name]))
    return tuple(sorted(found))


def _is_parallel(loop: ast.For) -> bool:
    """Tell a loop through `prange`, by whatever module it is called."""
    return isinstance(loop.iter, ast.Call) and _called(loop.iter) == "prange"


def _called(call: ast.Call) -> str:
    """Return the last part of the name of what is called."""
    function = call.func
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def _made(part: ast.AST) -> Iterator[str]:
    """Yield the names that an assignment gives to a new array."""
    if not isinstance(part, ast.Assign | ast.AnnAssign) or not isinstance(part.value, ast.Call):
        return
    if _called(part.value) in _MAKERS:
        targets = part.targets if isinstance(part, ast.Assign) else [part.target]
        yield from (target.id for target in targets if isinstance(target, ast.Name))


def _depends_on(loop: ast.For, inside: list[ast.AST]) -> set[str]:
    """Return the names whose values differ from one iteration to the next."""
    known = _names(loop.target)
    for _ in range(3):  # an assignment may stand above the one that it depends on
        for part in inside:
            match part:
                case ast.Assign(targets=targets, value=value) if _names(value) & known:
                    known |= {t.id for t in targets if isinstance(t, ast.Name)}
                case ast.AugAssign(target=ast.Name(id=name), value=value) if _names(value) & known:
                    known.add(name)
                case ast.For(target=target, iter=values) if _names(values) & known:
                    known |= _names(target)
    return known


def _written(inside: list[ast.AST], private: set[str]) -> Iterator[tuple[int, str]]:
    """Yield the line and name of each array that iterations write at the same places."""
    for part in inside:
        match part:
            case ast.Subscript(value=ast.Name(id=name), slice=index, ctx=ast.Store()):
                if not _names(index) & private:
                    yield part.lineno, name
            case ast.Call(args=[*_, ast.Name(id=name)]) if _called(part) in _FILLERS:
                yield part.lineno, name


def _names(part: ast.AST) -> set[str]:
    return {node.id for node in ast.walk(part) if isinstance(node, ast.Name)}


def _own(function: _Function) -> Iterator[ast.AST]:
    """Yield the parts of a function, without those of functions inside."""
    waiting: list[ast.AST] = list(function.body)
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, _Function | ast.Lambda):
            waiting += ast.iter_child_nodes(node)
