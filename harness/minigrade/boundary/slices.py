"""Cut from a task file what a worker may see of it: the probes and what they reach.

Cases, examples, oracles, judges and weights stay behind. The slice is the
original text with every other line blank, so that line numbers survive.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from minigrade.errors import CourseError

ALLOWED_IMPORTS = frozenset({"__future__", "math", "numpy", "random", "minigrade.probing"})


def cut(text: str, probes: Iterable[str], file: str) -> str:
    """Return the slice of a task file that its probes need.

    Args:
        text: the task file.
        probes: names of its functions that run in a worker.
        file: its name, for errors.

    Raises:
        CourseError: a probe reaches an import that a worker does not have, two
            top-level statements share a line, or there is no such probe.
    """
    tree = ast.parse(text, file)
    _refuse_shared_lines(tree, file)
    homes: dict[str, list[ast.stmt]] = {}
    for node in tree.body:
        for name in _defines(node):
            homes.setdefault(name, []).append(node)
    wanted: dict[str, list[ast.stmt]] = {}
    waiting = list(probes)
    for name in waiting:
        if name not in homes:
            raise CourseError(f"{file}: there is no probe {name}")
    while waiting:
        name = waiting.pop()
        if name in wanted or name not in homes:
            continue
        wanted[name] = homes[name]
        for node in wanted[name]:
            for part in ast.walk(node):  # an import in a function is one, too
                if isinstance(part, ast.Import | ast.ImportFrom):
                    _refuse_import(part, name, file)
            waiting += _reaches(node, skip=("decorator_list",))
    lines = text.splitlines()
    keep = {line for nodes in wanted.values() for node in nodes for line in _lines(node)}
    return "\n".join(line if n in keep else "" for n, line in enumerate(lines, 1)) + "\n"


def refuse_namesakes(text: str, names: Iterable[str], file: str) -> None:
    """Refuse a task file in which one of `names` is given a meaning twice.

    Raises:
        CourseError: the first of two checks would never be asked.
    """
    lines: dict[str, list[int]] = {}
    for node in ast.parse(text, file).body:
        for name in _defines(node):
            lines.setdefault(name, []).append(node.lineno)
    for name in names:
        if len(lines.get(name, [])) > 1:
            first, second = lines[name][:2]
            raise CourseError(
                f"{file}:{second}: {name} is defined on line {first} already; give each check a "
                "name of its own"
            )


def _lines(node: ast.stmt) -> range:
    """Return the lines of a statement, without those of its decorators."""
    assert node.end_lineno is not None
    return range(node.lineno, node.end_lineno + 1)


def _refuse_shared_lines(tree: ast.Module, file: str) -> None:
    last = 0
    for node in tree.body:
        if node.lineno <= last:
            raise CourseError(
                f"{file}:{node.lineno}: two top-level statements on one line; a worker gets whole "
                f"lines of a task file, so put each statement on its own"
            )
        last = node.end_lineno or node.lineno


def _refuse_import(node: ast.Import | ast.ImportFrom, name: str, file: str) -> None:
    modules = (
        [alias.name for alias in node.names]
        if isinstance(node, ast.Import)
        else [f"{node.module}"]
        if node.module != "minigrade"
        else [f"minigrade.{alias.name}" for alias in node.names]
    )
    for module in modules:
        if module not in ALLOWED_IMPORTS:
            raise CourseError(
                f"{file}:{node.lineno}: a probe reaches {name}, imported from {module}, but only "
                f"{', '.join(sorted(ALLOWED_IMPORTS))} exist in a worker; move what needs "
                f"{module} into `cases` or `expect`"
            )


def _defines(node: ast.stmt) -> list[str]:
    """Return the names that a top-level statement gives a value to."""
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            return [node.name]
        case ast.Import() | ast.ImportFrom():
            return [(alias.asname or alias.name).split(".")[0] for alias in node.names]
        case ast.Assign():
            targets: list[ast.expr] = node.targets
        case ast.AnnAssign() | ast.AugAssign():
            targets = [node.target]
        case _:
            return []
    return [
        part.id for target in targets for part in ast.walk(target) if isinstance(part, ast.Name)
    ]


def _reaches(node: ast.AST, skip: tuple[str, ...] = ()) -> Iterator[str]:
    """Yield the names that `node` may look up; annotations are never evaluated."""
    for field, value in ast.iter_fields(node):
        if field in ("annotation", "returns", *skip):
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.Name):
                yield child.id
            elif isinstance(child, ast.AST):
                yield from _reaches(child)
