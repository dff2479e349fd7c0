"""Tell what the names in a Python text stand for, without running any of it.

After ``import numpy as np``, ``np.dot`` stands for ``numpy.dot``; ``sum`` stands
for ``builtins.sum`` in one file and for the file's own ``minitorch.operators.sum``
in another. `read` follows imports, scopes and plain assignments (``dot = np.dot``)
and lists every use of a name, import and operator, each with the definition it is
part of. An attribute of a value that only a run could tell is ``?.attribute``.

It sees what stands in the text: ``getattr(np, "do" + "t")`` escapes it, and
``from .other import np`` ends the trail at ``minitorch.other.np``.

The text may be hostile: nothing recurses but the parser, so deep nesting fails
there, as documented at `read`.
"""

from __future__ import annotations

import ast
import builtins
import dataclasses
import re
import tokenize
import warnings
from collections.abc import Iterable
from io import BytesIO
from pathlib import PurePosixPath
from typing import Literal, NamedTuple

UNKNOWN = "?"
"""What a name stands for when only a run could tell."""

OPERATORS: dict[str, type[ast.operator]] = {
    "+": ast.Add, "-": ast.Sub, "*": ast.Mult, "/": ast.Div, "//": ast.FloorDiv, "%": ast.Mod,
    "**": ast.Pow, "@": ast.MatMult, "<<": ast.LShift, ">>": ast.RShift, "|": ast.BitOr,
    "^": ast.BitXor, "&": ast.BitAnd,
}  # fmt: skip

_SYMBOLS = {operator: symbol for symbol, operator in OPERATORS.items()}
_BUILTINS = frozenset(dir(builtins))
_MEANINGS_LIMIT = 64  # a = b.x; a = b.y; … would double them with each pair of lines
_TYPING_ONLY = frozenset({"typing.TYPE_CHECKING", "typing_extensions.TYPE_CHECKING"})

Function = ast.FunctionDef | ast.AsyncFunctionDef
Comprehension = ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp
Chain = tuple[str, ...]
"""A dotted name as it is written; the first part is `UNKNOWN` for ``f(x).attribute``."""


class Event(NamedTuple):
    """One use of a name, import or operator.

    Attributes:
        names: what it may stand for, as absolute names; an operator's symbol.
        owner: the definition that it is part of, as an absolute name.
        called: the name is called.
        argument: the string that it is called with first, if that is a literal.
    """

    kind: Literal["use", "import", "operator"]
    line: int
    owner: str
    names: frozenset[str]
    called: bool = False
    argument: str | None = None


class Definition(NamedTuple):
    """A name that a module or class defines.

    Attributes:
        written: it is more than a stub that raises NotImplementedError.
        stands_for: what it was imported from or is another name of, if anything.
    """

    line: int
    is_class: bool = False
    written: bool = True
    stands_for: frozenset[str] = frozenset()


@dataclasses.dataclass(frozen=True)
class Text:
    """What `read` finds in one file.

    Attributes:
        path: as it was given.
        module: the module's absolute name, as in ``minitorch.operators``.
        events: everything that the text does with names, in the order of lines.
        definitions: by absolute name, as in ``minitorch.module.Module.train``.
        lines: the text.
    """

    path: str
    module: str
    events: list[Event]
    definitions: dict[str, Definition]
    lines: list[str]

    def line(self, number: int) -> str:
        """Return line `number`, counted from 1, without its indentation."""
        return self.lines[number - 1].strip() if 0 < number <= len(self.lines) else ""


def read(data: bytes, path: str) -> Text:
    """Return what the names in `data` stand for.

    Args:
        data: the file's bytes; its encoding is what Python would take it for.
        path: where it lies in the repository, which tells the module's name.

    Raises:
        SyntaxError: `data` is no Python.
        RecursionError: it is nested more deeply than the parser goes.
        MemoryError: likewise, or it is too large for this process.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # an invalid "\d" is no concern of ours
            tree = ast.parse(data)
    except SyntaxError:
        raise
    except (ValueError, LookupError, TypeError) as error:  # NUL bytes; codecs that fail
        raise SyntaxError(str(error)) from None
    parts = PurePosixPath(path).with_suffix("").parts
    is_package = parts[-1:] == ("__init__",)
    reader = _Reader(".".join(parts[:-1] if is_package else parts), is_package)
    reader.walk(tree)
    return Text(path, reader.module.name, reader.events(), reader.defined(), _lines(data))


@dataclasses.dataclass(eq=False)
class _Scope:
    """Where names are bound; `name` is absolute, and a lambda's is its parent's."""

    name: str
    parent: _Scope | None
    kind: Literal["module", "class", "function", "comprehension"]
    bindings: dict[str, list[_Meaning]] = dataclasses.field(default_factory=dict)
    elsewhere: dict[str, _Scope] = dataclasses.field(default_factory=dict)

    def bind(self, name: str, meaning: _Meaning) -> None:
        self.bindings.setdefault(name, []).append(meaning)


class _Alias(NamedTuple):
    """Another name of what `chain` stands for in `scope`."""

    scope: _Scope
    chain: Chain


_Meaning = str | _Alias


class _Place(NamedTuple):
    """Where the walk is; `guard` is the test of an ``if TYPE_CHECKING:`` around it."""

    scope: _Scope
    owner: str
    guard: _Alias | None = None


class _Reader:
    """Walks a tree once, keeping what is seen; names are resolved when all is known."""

    def __init__(self, module: str, is_package: bool) -> None:
        self.module = _Scope(module, None, "module")
        self._package = module.split(".") if is_package else module.split(".")[:-1]
        self._stars: list[str] = []
        self._seen: list[tuple[Event, _Alias | None]] = []
        self._definitions: dict[str, Definition] = {}
        self._resolved: dict[tuple[_Scope, str], frozenset[str]] = {}
        self._stack: list[tuple[ast.AST, _Place]] = []

    def walk(self, tree: ast.Module) -> None:
        """Visit every node below `tree`, without recursion."""
        self._push(tree.body, _Place(self.module, self.module.name))
        while self._stack:
            node, place = self._stack.pop()
            visit = getattr(self, f"_visit_{type(node).__name__}", None)
            if visit:
                visit(node, place)
            else:
                self._bind_inline(node, place)
                self._push(ast.iter_child_nodes(node), place)

    def events(self) -> list[Event]:
        """Return all events, resolved; imports for type checkers only are left out."""
        found = []
        for event, alias in self._seen:
            if event.kind == "import" and alias and self._resolve(alias) <= _TYPING_ONLY:
                continue
            if event.kind == "use" and alias:
                event = event._replace(names=self._resolve(alias))  # noqa: PLW2901
            found.append(event)
        return sorted(found, key=lambda event: event.line)

    def defined(self) -> dict[str, Definition]:
        """Return what the text defines; top-level names say what they stand for."""
        found = dict(self._definitions)
        for name in self.module.bindings:
            own = f"{self.module.name}.{name}"
            stands_for = self._meanings(self.module, name) - {own}
            if own in found:
                found[own] = found[own]._replace(stands_for=stands_for)
        return found

    # What a name stands for.

    def _resolve(self, alias: _Alias) -> frozenset[str]:
        first, *rest = alias.chain
        if first == UNKNOWN:
            return frozenset({".".join(alias.chain)})
        return frozenset(".".join([base, *rest]) for base in self._meanings(alias.scope, first))

    def _meanings(self, scope: _Scope, name: str) -> frozenset[str]:
        home = _home(scope, name)
        if home is None:
            return self._unbound(name)
        if (home, name) not in self._resolved:
            self._resolved[home, name] = frozenset()  # a name that stands for itself
            found: set[str] = set()
            for meaning in home.bindings[name]:
                found |= self._resolve(meaning) if isinstance(meaning, _Alias) else {meaning}
            self._resolved[home, name] = frozenset(sorted(found)[:_MEANINGS_LIMIT])
        return self._resolved[home, name]

    def _unbound(self, name: str) -> frozenset[str]:
        """Return what a name may be that is a builtin or came with ``import *``."""
        if name == "__builtins__":
            return frozenset({"builtins"})
        found = {f"{star}.{name}" for star in self._stars}
        # Benefit of the doubt: another file of the package may define its own `sum`.
        if name in _BUILTINS and not any(
            star.split(".")[0] == self.module.name.split(".")[0] for star in self._stars
        ):
            found.add(f"builtins.{name}")
        return frozenset(found)

    # Keeping what is seen.

    def _push(self, nodes: Iterable[ast.AST | None], place: _Place) -> None:
        self._stack += [(node, place) for node in nodes if node is not None]

    def _push_calls(self, annotation: ast.AST | None, place: _Place) -> None:
        """Visit an annotation's calls: they run; its other names are for readers."""
        pending = [annotation] if annotation else []
        while pending:
            node = pending.pop()
            if isinstance(node, ast.Call):
                self._push([node], place)
            else:
                pending += ast.iter_child_nodes(node)

    def _use(
        self, node: ast.expr, chain: Chain, place: _Place, called: bool, argument: str | None
    ) -> None:
        event = Event("use", node.lineno, place.owner, frozenset(), called, argument)
        self._seen.append((event, _Alias(place.scope, chain)))

    def _operator(self, node: ast.BinOp | ast.AugAssign, place: _Place) -> None:
        names = frozenset({_SYMBOLS[type(node.op)]})
        self._seen.append((Event("operator", node.lineno, place.owner, names), None))
        self._push(ast.iter_child_nodes(node), place)

    def _define(self, place: _Place, name: str, line: int, **more: bool) -> str:
        """Keep what a module or class defines; return the absolute name."""
        absolute = f"{place.scope.name}.{name}"
        self._definitions[absolute] = Definition(line, **more)
        return absolute

    def _bind_inline(self, node: ast.AST, place: _Place) -> None:
        """Bind the name in ``except E as name``, ``case [*name]``, ``def f[Name]``."""
        name = getattr(node, "name", None) or getattr(node, "rest", None)
        if isinstance(name, str):
            place.scope.bind(name, UNKNOWN)

    # The nodes that bind or use names.

    def _visit_function(self, node: Function, place: _Place) -> None:
        outer = place.scope
        name = f"{outer.name}.{node.name}"
        outer.bind(node.name, name)
        if not (name in self._definitions and self._definitions[name].written):
            self._define(place, node.name, node.lineno, written=_written(node.body))
        inner = _Scope(name, outer, "function")
        place = place._replace(owner=name)
        self._push(node.decorator_list, place)
        self._push_calls(node.returns, place)
        parameters = self._parameters(node.args, inner, place)
        if outer.kind == "class" and parameters and not _is_static(node):
            inner.bindings[parameters[0]] = [outer.name]
        inside = place._replace(scope=inner)
        self._push([*getattr(node, "type_params", ()), *node.body], inside)

    _visit_FunctionDef = _visit_function  # noqa: N815  (named as the nodes of `ast` are)
    _visit_AsyncFunctionDef = _visit_function  # noqa: N815

    def _visit_Lambda(self, node: ast.Lambda, place: _Place) -> None:  # noqa: N802
        inner = _Scope(place.scope.name, place.scope, "function")
        self._parameters(node.args, inner, place)
        self._push([node.body], place._replace(scope=inner))

    def _parameters(self, args: ast.arguments, inner: _Scope, place: _Place) -> list[str]:
        """Bind the parameters; return the names of the positional ones."""
        self._push([*args.defaults, *args.kw_defaults], place)
        positional = [*args.posonlyargs, *args.args]
        for arg in (*positional, *args.kwonlyargs, args.vararg, args.kwarg):
            if arg:
                inner.bind(arg.arg, UNKNOWN)
                self._push_calls(arg.annotation, place)
        return [arg.arg for arg in positional]

    def _visit_ClassDef(self, node: ast.ClassDef, place: _Place) -> None:  # noqa: N802
        name = self._define(place, node.name, node.lineno, is_class=True)
        place.scope.bind(node.name, name)
        place = place._replace(owner=name)
        self._push([*node.decorator_list, *node.bases, *node.keywords], place)
        inner = _Scope(name, place.scope, "class")
        inside = place._replace(scope=inner)
        self._push([*getattr(node, "type_params", ()), *node.body], inside)

    def _visit_comprehension(self, node: Comprehension, place: _Place) -> None:
        inside = place._replace(scope=_Scope(place.scope.name, place.scope, "comprehension"))
        self._push([node.generators[0].iter], place)
        for number, part in enumerate(node.generators):
            self._push([part.target, *part.ifs], inside)
            self._push([part.iter] if number else [], inside)
        both = [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
        self._push(both, inside)

    _visit_ListComp = _visit_SetComp = _visit_comprehension  # noqa: N815
    _visit_GeneratorExp = _visit_DictComp = _visit_comprehension  # noqa: N815

    def _visit_Import(self, node: ast.Import, place: _Place) -> None:  # noqa: N802
        for item in node.names:
            top = item.name.split(".")[0]
            self._imported(node, item.name, item.asname or top, place)
            place.scope.bind(item.asname or top, item.name if item.asname else top)

    def _visit_ImportFrom(self, node: ast.ImportFrom, place: _Place) -> None:  # noqa: N802
        package = self._package[: max(0, len(self._package) - node.level + 1)]
        base = [*(package if node.level else ()), *([node.module] if node.module else ())]
        for item in node.names:
            if item.name == "*":
                self._stars.append(".".join(base))
                self._imported(node, ".".join(base), "", place)
            else:
                absolute = ".".join([*base, item.name])
                self._imported(node, absolute, item.asname or item.name, place)
                place.scope.bind(item.asname or item.name, absolute)

    def _imported(self, node: ast.stmt, absolute: str, name: str, place: _Place) -> None:
        event = Event("import", node.lineno, place.owner, frozenset({absolute}))
        self._seen.append((event, place.guard))
        if name and place.scope.kind == "module":
            self._define(place, name, node.lineno)

    def _visit_If(self, node: ast.If, place: _Place) -> None:  # noqa: N802
        _, chain = _dotted(node.test)
        guarded = chain[-1:] == ("TYPE_CHECKING",)
        guard = _Alias(place.scope, chain) if guarded else place.guard
        self._push(node.body, place._replace(guard=guard))
        self._push([node.test, *node.orelse], place)

    def _visit_assignment(
        self, node: ast.Assign | ast.AnnAssign | ast.NamedExpr, place: _Place
    ) -> None:
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        scope = place.scope
        while isinstance(node, ast.NamedExpr) and scope.kind == "comprehension" and scope.parent:
            scope = scope.parent
        place = place._replace(scope=scope) if isinstance(node, ast.NamedExpr) else place
        names = [target for target in targets if isinstance(target, ast.Name)]
        base, chain = _dotted(node.value)
        aliased = bool(chain) and base is None
        self._push([target for target in targets if not (aliased and target in names)], place)
        for name in names if aliased else ():
            scope.bind(name.id, _Alias(scope, chain))
            if scope.kind in ("module", "class"):
                self._define(place, name.id, name.lineno)
        if isinstance(node, ast.AnnAssign):
            self._push_calls(node.annotation, place)
        if names and scope.kind in ("module", "class"):
            place = place._replace(owner=f"{scope.name}.{names[0].id}")
        self._push([node.value], place)

    _visit_Assign = _visit_AnnAssign = _visit_NamedExpr = _visit_assignment  # noqa: N815
    _visit_BinOp = _visit_AugAssign = _operator  # noqa: N815

    def _visit_Name(self, node: ast.Name, place: _Place) -> None:  # noqa: N802
        if isinstance(node.ctx, ast.Load):
            self._use(node, (node.id,), place, called=False, argument=None)
        elif place.scope.kind in ("module", "class"):
            place.scope.bind(node.id, self._define(place, node.id, node.lineno))
        else:
            place.scope.bind(node.id, UNKNOWN)

    def _visit_Attribute(self, node: ast.Attribute, place: _Place) -> None:  # noqa: N802
        base, chain = _dotted(node)
        self._use(node, chain, place, called=False, argument=None)
        self._push([base], place)

    def _visit_Call(self, node: ast.Call, place: _Place) -> None:  # noqa: N802
        base, chain = _dotted(node.func)
        if chain:
            self._use(node.func, chain, place, called=True, argument=_literal(node, 0))
        attribute = _literal(node, 1)
        if chain == ("getattr",) and attribute is not None:
            of, names = _dotted(node.args[0])
            names = names if names else (UNKNOWN,)
            self._use(node, (*names, attribute), place, called=False, argument=None)
        self._push([base if chain else node.func, *node.args, *node.keywords], place)

    def _visit_Global(self, node: ast.Global, place: _Place) -> None:  # noqa: N802
        place.scope.elsewhere |= dict.fromkeys(node.names, self.module)
