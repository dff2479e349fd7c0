"""What the names of a source file mean, found out by reading.

A module's top level is read as far as constants, functions, classes, imports
within its own package, and decorators applied by call go
(``to_index = device_jit(to_index)``); what cannot be read so means nothing,
which is an error only when a kernel uses it.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from minigrade.simt.entities import Extern, Function, Tuple
from minigrade.simt.errors import LimitExceeded, ResolveError
from minigrade.simt.folding import evaluate
from minigrade.simt.limits import Limits
from minigrade.simt.source import parse


@dataclass(eq=False)
class ClassText:
    """A class; its methods and constants are members."""

    body: BodyScope


class Loader:
    """Reads each file once, and counts the work."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.depth = self._work = 0
        self._modules: dict[Path, BodyScope] = {}

    def load(self, path: Path) -> BodyScope:
        """Return the top level of a file.

        Raises:
            ResolveError: it cannot be read, or is no Python.
            LimitExceeded: it is too long.
        """
        path = path.resolve()
        if path not in self._modules:
            try:
                text = path.read_text("utf-8")
            except (OSError, UnicodeDecodeError) as error:
                raise ResolveError(f"{path.name} cannot be read: {error}") from None
            tree = parse(text, str(path), self.limits)
            self._modules[path] = BodyScope(self, path, tree.body, None, {})
        return self._modules[path]

    def inside(self, function: Function, values: dict[str, Any]) -> BodyScope:
        """Return the names inside a call of `function` with these arguments."""
        assert isinstance(function.node, ast.FunctionDef)
        return BodyScope(self, Path(function.file), function.node.body, function.scope, values)

    def step(self) -> None:
        """Count one evaluation.

        Raises:
            LimitExceeded: there have been too many.
        """
        self._work += 1
        if self._work > self.limits.nodes:
            raise LimitExceeded("the module's constants are too much work")

    def find(self, base: Path, parts: list[str]) -> Any:
        """Return the module ``base/parts``, a package's directory, or None."""
        path = base.joinpath(*parts)
        for file in (path.with_suffix(".py") if parts else path / "__init__.py",
                     path / "__init__.py"):  # fmt: skip
            if file.is_file():
                return self.load(file)
        return path if path.is_dir() else None


class BodyScope:
    """The names that a module, a class or a function's call binds, in order."""

    def __init__(
        self,
        loader: Loader,
        file: Path,
        body: list[ast.stmt],
        parent: Any,
        values: dict[str, Any],
    ) -> None:
        self.loader, self.file = loader, file
        self._parent, self._values = parent, values
        self._known: dict[tuple[str, int], Any] = {}
        self._bindings: dict[str, list[tuple[int, ast.AST]]] = {}
        self._stars: list[ast.ImportFrom] = []
        self._body = _flat(body)
        for place, node in enumerate(self._body):
            for name in _bound_names(node):
                self._bindings.setdefault(name, []).append((place, node))
            if isinstance(node, ast.ImportFrom) and node.names[0].name == "*":
                self._stars.append(node)

    def lookup(self, name: str) -> Any:
        """Return what `name` means at the end of the body, or None."""
        return self.at(name, len(self._body))

    def returned(self) -> Any:
        """Return what the function's last statement returns, or None."""
        last = self._body[-1] if self._body else None
        if isinstance(last, ast.Return) and last.value is not None:
            return evaluate(self, last.value, len(self._body))
        return None

    def at(self, name: str, limit: int) -> Any:
        """Return what `name` means before statement number `limit`."""
        for place, node in reversed(self._bindings.get(name, [])):
            if place < limit:
                key = (name, place)
                if key not in self._known:
                    self._known[key] = None  # what it means while it is being found out
                    self._known[key] = self._meaning(name, place, node)
                return self._known[key]
        if name in self._values:
            return self._values[name]
        for star in self._stars:
            module = _source(self, star)
            if isinstance(module, BodyScope) and module is not self:
                found = module.lookup(name)
                if found is not None:
                    return found
        if self._parent is not None:
            return self._parent.lookup(name)
        builtin = name in ("abs", "bool", "float", "int", "len", "max", "min", "pow", "range",
                           "round")  # fmt: skip
        return Extern(f"builtins.{name}") if builtin else None

    def _meaning(self, name: str, place: int, node: ast.AST) -> Any:
        if isinstance(node, ast.FunctionDef):
            return Function(node.name, node, self, str(self.file))
        if isinstance(node, ast.ClassDef):
            return ClassText(BodyScope(self.loader, self.file, node.body, self, {}))
        if isinstance(node, ast.Import):
            return _imported(self, node, name)
        if isinstance(node, ast.ImportFrom):
            alias = next(each for each in node.names if (each.asname or each.name) == name)
            return member(_source(self, node), alias.name)
        assert isinstance(node, ast.Assign | ast.AnnAssign)
        target = node.targets[0] if isinstance(node, ast.Assign) else node.target
        value = None if node.value is None else evaluate(self, node.value, place)
        if isinstance(target, ast.Tuple) and isinstance(value, Tuple):
            names = [part.id if isinstance(part, ast.Name) else "" for part in target.elts]
            return value.items[names.index(name)] if len(names) == len(value.items) else None
        return value if isinstance(target, ast.Name) else None


def _flat(body: list[ast.stmt]) -> list[ast.stmt]:
    """Return the statements of `body` with those of its `if` and `try` blocks in line."""
    flat: list[ast.stmt] = []
    for node in body:
        if isinstance(node, ast.If):
            if "TYPE_CHECKING" not in ast.dump(node.test):
                flat += _flat(node.orelse) + _flat(node.body)
        elif isinstance(node, ast.Try):
            for handler in node.handlers:
                flat += _flat(handler.body)
            flat += _flat(node.body)
        else:
            flat.append(node)
    return flat


def _bound_names(node: ast.stmt) -> list[str]:
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return [node.name]
    if isinstance(node, ast.Import):
        return [each.asname or each.name.partition(".")[0] for each in node.names]
    if isinstance(node, ast.ImportFrom):
        return [each.asname or each.name for each in node.names]
    targets: list[ast.expr] = []
    if isinstance(node, ast.Assign):
        targets = node.targets
    elif isinstance(node, ast.AnnAssign):
        targets = [node.target]
    return [
        part.id for target in targets for part in ast.walk(target) if isinstance(part, ast.Name)
    ]


def _root(file: Path) -> Path:
    """Return the directory above the package that `file` belongs to."""
    directory = file.parent
    while (directory / "__init__.py").is_file() and directory != directory.parent:
        directory = directory.parent
    return directory


def _absolute(scope: BodyScope, dotted: str) -> Any:
    parts = dotted.split(".")
    for base in (_root(scope.file), scope.file.parent):
        found = scope.loader.find(base, parts)
        if found is not None:
            return found
    return Extern(dotted)


def _imported(scope: BodyScope, node: ast.Import, name: str) -> Any:
    for each in node.names:
        if each.asname == name:
            return _absolute(scope, each.name)
        if not each.asname and each.name.partition(".")[0] == name:
            return _absolute(scope, name)
    return None


def _source(scope: BodyScope, node: ast.ImportFrom) -> Any:
    if not node.level:
        return _absolute(scope, node.module or "")
    base = scope.file.parent
    for _ in range(node.level - 1):
        base = base.parent
    parts = (node.module or "").split(".") if node.module else []
    return scope.loader.find(base, parts) or base


def member(thing: Any, name: str) -> Any:
    """Return ``thing.name``, or None."""
    if isinstance(thing, BodyScope):
        found = thing.lookup(name)
        if found is None and thing.file.name == "__init__.py":
            return thing.loader.find(thing.file.parent, [name])
        return found
    if isinstance(thing, ClassText):
        return thing.body.lookup(name)
    if isinstance(thing, Extern):
        return Extern(f"{thing.path}.{name}")
    return None
