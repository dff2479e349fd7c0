"""Walk over a Python syntax tree and keep what it does with names.

One visit a node, on a stack of our own: a tree as deep as the parser allows
would overflow Python's.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from typing import Any, NamedTuple

from minigrade.boundary.scopes import UNKNOWN, Alias, Chain, Definition, Event, Resolver, Scope
from minigrade.boundary.stubs import Function, is_written

_SYMBOLS: dict[type[ast.operator], str] = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.FloorDiv: "//", ast.Mod: "%",
    ast.Pow: "**", ast.MatMult: "@", ast.LShift: "<<", ast.RShift: ">>", ast.BitOr: "|",
    ast.BitXor: "^", ast.BitAnd: "&",
}  # fmt: skip

_TYPING_ONLY = frozenset({"typing.TYPE_CHECKING", "typing_extensions.TYPE_CHECKING"})

Comprehension = ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp
Assignment = ast.Assign | ast.AnnAssign | ast.NamedExpr


class _Place(NamedTuple):
    """Where the walk is; `guard` is the test of an ``if TYPE_CHECKING:`` around it."""

    scope: Scope
    owner: str
    guard: Alias | None = None


class Walk:
    """Visits each node of a tree once, and keeps what it sees."""

    def __init__(self, module: str, *, is_package: bool) -> None:
        self.module = Scope(module, None, "module")
        self._resolver = Resolver(self.module)
        self._package = module.split(".")[: None if is_package else -1]
        self._seen: list[tuple[Event, Alias | None]] = []
        self._definitions: dict[str, Definition] = {}
        self._stack: list[tuple[ast.AST, _Place]] = []

    def over(self, tree: ast.Module) -> None:
        """Visit every node below `tree`, in the order of the text, without recursion."""
        self._push(tree.body, _Place(self.module, self.module.name))
        while self._stack:
            node, place = self._stack.pop()
            visit = getattr(self, f"_visit_{type(node).__name__}", None)
            if visit:
                visit(node, place)
            else:
                # ``except E as name``, ``case [*name]``, ``case {**rest}``, ``def f[name]``
                name = getattr(node, "name", None) or getattr(node, "rest", None)
                if isinstance(name, str):
                    place.scope.bind(name, UNKNOWN)
                self._push(ast.iter_child_nodes(node), place)

    def events(self) -> list[Event]:
        """Return all events, resolved; imports for type checkers only are left out."""
        found = []
        for event, alias in self._seen:
            names = self._resolver.resolve(alias) if alias else event.names
            if event.kind == "use":
                found.append(event._replace(names=names))
            elif not alias or not names <= _TYPING_ONLY:
                found.append(event)
        return sorted(found, key=lambda event: event.line)

    def definitions(self) -> dict[str, Definition]:
        """Return what the text defines; top-level names say what they stand for."""
        found = dict(self._definitions)
        for name in self.module.bindings:
            own = f"{self.module.name}.{name}"
            if own in found:
                stands_for = self._resolver.meanings(self.module, name) - {own}
                found[own] = found[own]._replace(stands_for=stands_for)
        return found

    def _push(self, nodes: Iterable[ast.AST | None], place: _Place) -> None:
        self._stack += [(node, place) for node in reversed(list(nodes)) if node is not None]

    def _push_calls(self, annotation: ast.AST | None, place: _Place) -> None:
        """Visit an annotation's calls: they run. Its other names are for readers."""
        pending = [annotation] if annotation else []
        while pending:
            node = pending.pop()
            if isinstance(node, ast.Call):
                self._push([node], place)
            else:
                pending += ast.iter_child_nodes(node)

    def _use(self, node: ast.expr, chain: Chain, place: _Place, **call: Any) -> None:
        event = Event("use", node.lineno, place.owner, frozenset(), **call)
        self._seen.append((event, Alias(place.scope, chain)))

    def _define(self, scope: Scope, name: str, definition: Definition) -> str:
        """Keep a definition and return its absolute name; the last one's line counts."""
        absolute = f"{scope.name}.{name}"
        former = self._definitions.get(absolute)
        written = definition.written or bool(former and former.written)
        self._definitions[absolute] = definition._replace(written=written)
        return absolute

    def _visit_function(self, node: Function, place: _Place) -> None:
        outer = place.scope
        name = self._define(outer, node.name, Definition(node.lineno, written=is_written(node)))
        outer.bind(node.name, name)
        place = place._replace(owner=name)
        self._push(node.decorator_list, place)
        self._push_calls(node.returns, place)
        inner = Scope(name, outer, "function")
        self._parameters(node.args, inner, place)
        first = [*node.args.posonlyargs, *node.args.args][:1]
        if outer.kind == "class" and first and not _is_static(node):
            inner.bindings[first[0].arg] = [outer.name]  # self.helper is the class's helper
        self._push([*getattr(node, "type_params", ()), *node.body], place._replace(scope=inner))

    _visit_FunctionDef = _visit_function  # noqa: N815  (named as the nodes of `ast` are)
    _visit_AsyncFunctionDef = _visit_function  # noqa: N815

    def _visit_Lambda(self, node: ast.Lambda, place: _Place) -> None:  # noqa: N802
        inner = Scope(place.scope.name, place.scope, "function")
        self._parameters(node.args, inner, place)
        self._push([node.body], place._replace(scope=inner))

    def _parameters(self, args: ast.arguments, inner: Scope, place: _Place) -> None:
        self._push([*args.defaults, *args.kw_defaults], place)
        named = (*args.posonlyargs, *args.args, *args.kwonlyargs, args.vararg, args.kwarg)
        for arg in filter(None, named):
            inner.bind(arg.arg, UNKNOWN)
            self._push_calls(arg.annotation, place)

    def _visit_ClassDef(self, node: ast.ClassDef, place: _Place) -> None:  # noqa: N802
        name = self._define(place.scope, node.name, Definition(node.lineno, is_class=True))
        place.scope.bind(node.name, name)
        typed = Scope(name, place.scope, "function")  # methods see type parameters
        place = place._replace(owner=name)
        self._push([*node.decorator_list, *node.bases, *node.keywords], place)
        self._push([*getattr(node, "type_params", ())], place._replace(scope=typed))
        self._push(node.body, place._replace(scope=Scope(name, typed, "class")))

    def _visit_comprehension(self, node: Comprehension, place: _Place) -> None:
        inside = place._replace(scope=Scope(place.scope.name, place.scope, "comprehension"))
        for number, part in enumerate(node.generators):
            self._push([part.iter], inside if number else place)
            self._push([part.target, *part.ifs], inside)
        made = [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
        self._push(made, inside)

    _visit_ListComp = _visit_SetComp = _visit_comprehension  # noqa: N815
    _visit_GeneratorExp = _visit_DictComp = _visit_comprehension  # noqa: N815

    def _visit_Import(self, node: ast.Import, place: _Place) -> None:  # noqa: N802
        for item in node.names:
            top = item.name.split(".")[0]
            bound = (item.asname, item.name) if item.asname else (top, top)
            self._imported(node, item.name, place, *bound)

    def _visit_ImportFrom(self, node: ast.ImportFrom, place: _Place) -> None:  # noqa: N802
        module = _absolute(node.module or "", node.level, self._package)
        for item in node.names:
            if item.name == "*":
                self._resolver.stars.append(module)
                self._imported(node, module, place)
            else:
                name = f"{module}.{item.name}"
                self._imported(node, name, place, item.asname or item.name, name)

    def _imported(
        self, node: ast.stmt, what: str, place: _Place, name: str = "", meaning: str = ""
    ) -> None:
        """Keep the import of `what`, which binds `name` to `meaning`."""
        event = Event("import", node.lineno, place.owner, frozenset({what}))
        self._seen.append((event, place.guard))
        if name:
            place.scope.bind(name, meaning)
            if place.scope.defines:
                self._define(place.scope, name, Definition(node.lineno))

    def _visit_If(self, node: ast.If, place: _Place) -> None:  # noqa: N802
        _, chain = _dotted(node.test)
        guarded = chain[-1:] == ("TYPE_CHECKING",)
        guard = Alias(place.scope, chain) if guarded else place.guard
        self._push([node.test, *node.orelse], place)
        self._push(node.body, place._replace(guard=guard))

    def _visit_assignment(self, node: Assignment, place: _Place) -> None:
        scope = place.scope
        if isinstance(node, ast.NamedExpr):  # binds outside of the comprehension it is in
            while scope.kind == "comprehension" and scope.outer:
                scope = scope.outer
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        names = [target.id for target in targets if isinstance(target, ast.Name)]
        base, chain = _dotted(node.value)
        if chain and base is None:  # dot = np.dot
            self._push([one for one in targets if not isinstance(one, ast.Name)], place)
            for name in names:
                scope.bind(name, Alias(place.scope, chain))
                if scope.defines:
                    self._define(scope, name, Definition(node.lineno))
        else:
            self._push(targets, place._replace(scope=scope))
        if isinstance(node, ast.AnnAssign):
            self._push_calls(node.annotation, place)
        # negList = map(neg): what the value uses, negList uses.
        owner = f"{scope.name}.{names[0]}" if names and scope.defines else place.owner
        self._push([node.value], place._replace(owner=owner))

    _visit_Assign = _visit_AnnAssign = _visit_NamedExpr = _visit_assignment  # noqa: N815

    def _visit_Name(self, node: ast.Name, place: _Place) -> None:  # noqa: N802
        if isinstance(node.ctx, ast.Load):
            self._use(node, (node.id,), place)
        elif place.scope.defines:
            own = self._define(place.scope, node.id, Definition(node.lineno))
            place.scope.bind(node.id, own)
        else:
            place.scope.bind(node.id, UNKNOWN)

    def _visit_Attribute(self, node: ast.Attribute, place: _Place) -> None:  # noqa: N802
        base, chain = _dotted(node)
        self._use(node, chain, place)
        self._push([base], place)

    def _visit_Call(self, node: ast.Call, place: _Place) -> None:  # noqa: N802
        base, chain = _dotted(node.func)
        if chain:
            self._use(node.func, chain, place, called=True, argument=_literal(node, 0))
        attribute = _literal(node, 1)
        if chain[-1:] == ("getattr",) and attribute is not None:
            _, of = _dotted(node.args[0])
            self._use(node, (*(of or (UNKNOWN,)), attribute), place)
        self._push([base, *node.args, *node.keywords], place)

    def _visit_operation(self, node: ast.BinOp | ast.AugAssign, place: _Place) -> None:
        names = frozenset({_SYMBOLS[type(node.op)]})
        self._seen.append((Event("operator", node.lineno, place.owner, names), None))
        self._push(ast.iter_child_nodes(node), place)

    _visit_BinOp = _visit_AugAssign = _visit_operation  # noqa: N815

    def _visit_Global(self, node: ast.Global, place: _Place) -> None:  # noqa: N802
        for name in node.names:
            place.scope.declare_global(name)

    def _visit_Nonlocal(self, node: ast.Nonlocal, place: _Place) -> None:  # noqa: N802
        for name in node.names:
            place.scope.declare_nonlocal(name)


def _dotted(node: ast.expr | None) -> tuple[ast.expr | None, Chain]:
    """Return `node` as a dotted name, and the expression it begins with if that is no name.

    ``np.dot`` gives (None, ("np", "dot")), ``f(x).dot`` the call and ("?", "dot"),
    and ``f(x)`` the call and ().
    """
    names: list[str] = []
    while isinstance(node, ast.Attribute):
        names.append(node.attr)
        node = node.value
    if isinstance(node, ast.Name):
        return None, (node.id, *reversed(names))
    return node, (UNKNOWN, *reversed(names)) if names else ()


def _literal(call: ast.Call, number: int) -> str | None:
    """Return the string that stands as positional argument `number` of `call`, if one does."""
    if len(call.args) <= number:
        return None
    match call.args[number]:
        case ast.Constant(str(text)):
            return text
    return None


def _absolute(module: str, level: int, package: list[str]) -> str:
    """Return the absolute name of `module` in ``from ..module import``, of so many dots."""
    base = package[: max(0, len(package) - level + 1)] if level else []
    return ".".join([*base, *([module] if module else [])])


def _is_static(node: Function) -> bool:
    return any(_dotted(each)[1][-1:] == ("staticmethod",) for each in node.decorator_list)
