"""Modules, packages and classes as text: what is inside them, and what imports lead to."""

from __future__ import annotations

import ast
import math
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from minigrade.simt.bindings import dynamic, stored_attributes, yields
from minigrade.simt.bodies import Body
from minigrade.simt.constants import NOTHING, is_number
from minigrade.simt.dtypes import BY_NAME
from minigrade.simt.entities import Extern, Function
from minigrade.simt.errors import LimitExceeded
from minigrade.simt.limits import Limits
from minigrade.simt.meanings import TypeLimits, Unknown, entity_of, settled
from minigrade.simt.reading import call, evaluate
from minigrade.simt.source import parse, read_source

_LIBRARIES = frozenset({*sys.stdlib_module_names, "numba", "numpy", "typing_extensions"})
_NUMBA = frozenset({*BY_NAME, "jit", "njit", "prange"})
MISSING = Unknown("nothing binds it", missing=True)


@dataclass(frozen=True)
class Folder:
    """A directory of modules without an ``__init__.py``."""

    loader: Loader = field(repr=False)
    path: Path


@dataclass(eq=False)
class ClassText:
    """A class; its methods and constants are members.

    Attributes:
        body: what it binds.
        bases: what it inherits from.
        doubt: why its members may be others than those written, if so.
    """

    body: Body
    bases: tuple[Any, ...]
    doubt: Unknown | None

    def export(self, name: str) -> Any:
        """Return the member called `name`, its own or inherited."""
        if self.doubt is not None:
            return self.doubt
        if name in self.body.loader.stored:
            return _stored(self.body.loader.stored[name], name)
        found = self.body.own(name)
        if found is not NOTHING:
            return found
        heirs = [base.export(name) for base in self.bases if isinstance(base, ClassText)]
        heirs = [each for each in heirs if not (isinstance(each, Unknown) and each.missing)]
        if len(heirs) > 1:
            return Unknown("it is inherited from several classes", name)
        return heirs[0] if heirs else MISSING


class Loader:
    """Reads each file once, and counts the work.

    Attributes:
        stored: attributes that are set on modules and classes, and where.
    """

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.depth = self._work = 0
        self.stored: dict[str, tuple[str, int]] = {}
        self._modules: dict[Path, Body] = {}

    def load(self, path: Path) -> Body:
        """Return the top level of a file.

        Raises:
            ResolveError: it cannot be read, or is no Python.
            LimitExceeded: it is too long.
        """
        path = path.resolve()
        if path not in self._modules:
            tree = parse(read_source(path, self.limits), str(path), self.limits)
            for name, line in stored_attributes(tree).items():
                self.stored[name] = (path.name, line)
            body = self._modules[path] = Body(self, path, "module")
            line = dynamic(tree)
            if line:
                body.doubt(Unknown(f"line {line} may bind any name, by exec, globals or the like"))
            body.read(tree.body)
        return self._modules[path]

    def step(self) -> None:
        """Count one evaluation.

        Raises:
            LimitExceeded: there have been too many.
        """
        self._work += 1
        if self._work > self.limits.nodes:
            raise LimitExceeded("the module's constants are too much work")

    def call(self, function: Function, args: list[Any], words: dict[str, Any]) -> Any:
        """Return what a call of a Python function gives, or `NOTHING`."""
        values = bind_arguments(function, args, words)
        return NOTHING if values is None else self.inside(function, values).result

    def inside(self, function: Function, values: dict[str, Any]) -> Body:
        """Return the names inside a call of `function` with these arguments."""
        assert isinstance(function.scope, Body)
        body = Body(self, Path(function.file), "call", function.scope, values)
        node = function.node
        if isinstance(node, ast.Lambda):
            body.result = evaluate(body, node.body)
        elif yields(node):
            body.result = Unknown(f"{node.name} is a generator")
        else:
            body.read(node.body)
        return body

    def find(self, base: Path, parts: list[str]) -> Any:
        """Return the module ``base/parts``, a folder of modules, or None."""
        path = base.joinpath(*parts)
        for file in (path.with_suffix(".py") if parts else path / "__init__.py",
                     path / "__init__.py"):  # fmt: skip
            if file.is_file():
                return self.load(file)
        return Folder(self, path) if path.is_dir() else None


def bind_arguments(
    function: Function, args: list[Any], words: dict[str, Any]
) -> dict[str, Any] | None:
    """Return the parameters' values of a call, or None where Python would not take it."""
    given = function.node.args
    names = [each.arg for each in (*given.posonlyargs, *given.args)]
    by_word = [each.arg for each in (*given.args, *given.kwonlyargs)]
    values: dict[str, Any] = dict(function.defaults or {})
    values.update(zip(names, args, strict=False))
    if len(args) > len(names) and not given.vararg:
        return None
    if given.vararg:
        values[given.vararg.arg] = tuple(args[len(names) :])
    if given.kwarg:
        values[given.kwarg.arg] = Unknown(f"{function.name} takes any keywords")
    for name, value in words.items():
        if name in by_word and name not in names[: len(args)]:
            values[name] = value
        elif not given.kwarg:
            return None
    needed = {*names, *(each.arg for each in given.kwonlyargs)}
    return values if needed <= values.keys() else None


def attribute(value: Any, name: str) -> Any:
    """Return ``value.name``; `Unknown.missing` says that there is none."""
    if isinstance(value, Unknown):
        return value
    if isinstance(value, Extern):
        return settled(Extern(f"{value.path}.{name}"))
    if isinstance(value, ClassText):
        return value.export(name)
    if isinstance(value, Folder):
        return value.loader.find(value.path, [name]) or MISSING
    if isinstance(value, TypeLimits):
        found = getattr(value.info, name, None) if name.isidentifier() else None
        return found if is_number(found) else MISSING
    return _exported(value, name) if isinstance(value, Body) else MISSING


def _exported(module: Body, name: str) -> Any:
    loader = module.loader
    if module.kind == "call":
        found = module.own(name)
        return MISSING if found is NOTHING else found
    if name in loader.stored:
        return _stored(loader.stored[name], name)
    found = module.seen_from_outside(name)
    if found is NOTHING and module.file.name == "__init__.py":
        found = loader.find(module.file.parent, [name]) or NOTHING
    return MISSING if found is NOTHING else found


def _stored(place: tuple[str, int], name: str) -> Unknown:
    file, line = place
    return Unknown(f"line {line} of {file} sets an attribute of that name", name)


def member(thing: Any, name: str) -> Any:
    """Return ``thing.name`` as a kernel sees it, or None if there is none.

    Raises:
        ResolveError: it is no constant that can be read.
    """
    value = attribute(thing, name)
    if isinstance(value, Unknown) and value.missing:
        return None
    return entity_of(value)


def starred(scope: Body, node: ast.ImportFrom, name: str) -> Any:
    """Return what ``from … import *`` binds `name` to, or `NOTHING`."""
    source = imported_from(scope, node)
    if isinstance(source, Unknown):
        return source
    if isinstance(source, Body):
        return NOTHING if source is scope else source.given_to_star(name)
    if isinstance(source, Extern) and source.path == "math":
        known = name in vars(math) and not name.startswith("_")
        return settled(Extern(f"math.{name}")) if known else NOTHING
    if isinstance(source, Extern) and source.path in ("numba", "typing", "typing_extensions"):
        return Extern(f"numba.{name}") if source.path == "numba" and name in _NUMBA else NOTHING
    return Unknown(f"line {node.lineno} may bind it, by a star import")


def imported(scope: Body, alias: ast.alias) -> Any:
    """Return what ``import alias`` binds."""
    dotted = alias.name if alias.asname else alias.name.partition(".")[0]
    return _absolute(scope, dotted)


def imported_from(scope: Body, node: ast.ImportFrom) -> Any:
    """Return the module that a ``from … import`` names."""
    if not node.level:
        return _absolute(scope, node.module or "")
    base = scope.file.parent
    for _ in range(node.level - 1):
        base = base.parent
    found = scope.loader.find(base, node.module.split(".") if node.module else [])
    return found or Unknown(f"line {node.lineno} imports from a module that is not there")


def _absolute(scope: Body, dotted: str) -> Any:
    parts = dotted.split(".")
    if parts[0] not in _LIBRARIES:
        for base in (_root(scope.file), scope.file.parent):
            found = scope.loader.find(base, parts)
            if found is not None:
                return found
    return Extern(dotted)


def _root(file: Path) -> Path:
    """Return the directory above the package that `file` belongs to."""
    directory = file.parent
    while (directory / "__init__.py").is_file() and directory != directory.parent:
        directory = directory.parent
    return directory


def class_of(scope: Body, node: ast.ClassDef) -> Any:
    """Return the class that a statement defines."""
    bases = tuple(evaluate(scope, base) for base in node.bases)
    doubt = None
    if node.keywords or any(not _is_class(base) for base in bases) or len(bases) > 1:
        doubt = Unknown(f"the class {node.name} inherits in ways that are not followed", node.name)
    if any(not _keeps(evaluate(scope, mark)) for mark in node.decorator_list):
        doubt = Unknown(f"the class {node.name} has a decorator that is not followed", node.name)
    if scope.kind == "call":
        doubt = Unknown(f"the class {node.name} stands inside a function", node.name)
    body = Body(scope.loader, scope.file, "class", scope)
    if doubt is None:
        body.read(node.body)
    return ClassText(body, bases, doubt)


def _is_class(base: Any) -> bool:
    if isinstance(base, ClassText):
        return base.doubt is None and base.body.own("__init_subclass__") is NOTHING
    return base in (Extern("builtins.object"), Extern("typing.Protocol"),
                    Extern("typing_extensions.Protocol"))  # fmt: skip


def _keeps(mark: Any) -> bool:
    return bool(mark == Extern("dataclasses.dataclass"))


def decorated(scope: Body, node: ast.FunctionDef) -> Any:
    """Return what a ``def`` binds: the function, in the hands of its decorators."""
    value: Any = scope.function(node.name, node)
    for mark in reversed(node.decorator_list):
        value = call(scope, evaluate(scope, mark), [value], {})
        if value is NOTHING or isinstance(value, Unknown):
            return Unknown(f"the decorator in line {mark.lineno} cannot be followed")
    return value
