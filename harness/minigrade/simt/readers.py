"""How each kind of statement of a module, a class or a called function is read."""

from __future__ import annotations

import ast
from collections.abc import Callable
from functools import cache
from typing import Any

from minigrade.simt import bindings
from minigrade.simt.bodies import Body
from minigrade.simt.meanings import Unknown, truth
from minigrade.simt.modules import attribute, class_of, decorated, imported, imported_from
from minigrade.simt.reading import evaluate

_UNSEEN = " under a condition that cannot be decided"
_SURE = frozenset({"math", "numpy", "numba", "typing", "functools", "__future__"})
_SURE_NAMES = frozenset({"cuda", "jit", "njit", "prange", "float32", "float64", "int32", "int64"})


def read_block(body: Body, statements: list[ast.stmt]) -> None:
    """Read statements in order, up to a return."""
    for node in statements:
        if body.left:
            return
        _READERS.get(type(node), _other)(body, node)


def _other(body: Body, node: ast.stmt) -> None:
    kinds = {
        ast.For: ", in a loop", ast.While: ", in a loop", ast.With: ", in a `with` statement",
        ast.Match: ", in a `match` statement", ast.Try: ", in a `try` statement",
    }  # fmt: skip
    body.unknown([node], kinds.get(type(node), ""))


def _walrus(body: Body, *nodes: ast.AST | None) -> None:
    """Give up the names that expressions bind by ``:=``, before anything reads them."""
    body.unknown([node for node in nodes if node is not None], ", within an expression")


def _assign(body: Body, node: ast.Assign) -> None:
    _walrus(body, node.value)
    names = [target.id for target in node.targets if isinstance(target, ast.Name)]
    if names == ["__all__"] and isinstance(node.value, ast.List):
        words = [each.value for each in node.value.elts if isinstance(each, ast.Constant)]
        if len(words) == len(node.value.elts):
            body.bind("__all__", node.lineno, lambda: tuple(words), when=None)
            return
    _store(body, node, node.targets, node.value)


def _annotated(body: Body, node: ast.AnnAssign) -> None:
    if node.value is not None:
        _walrus(body, node.value)
        _store(body, node, [node.target], node.value)


def _store(body: Body, node: ast.stmt, targets: list[ast.expr], value: ast.expr) -> None:
    when = body.now

    @cache
    def make() -> Any:
        return evaluate(body, value)

    if body.kind == "call":
        make()  # before a target is bound
    for target in targets:
        _target(body, node, target, make, when)


def _target(
    body: Body, node: ast.stmt, target: ast.expr, make: Callable[[], Any], when: int | None
) -> None:
    if isinstance(target, ast.Name):
        body.bind(target.id, node.lineno, make, when=when)
    elif isinstance(target, ast.Tuple | ast.List):
        if any(isinstance(part, ast.Starred) for part in target.elts):
            body.unknown([target], ", as the rest of a sequence")
            return
        for place, part in enumerate(target.elts):
            item = _item(make, place, len(target.elts), node)
            if body.kind == "call":
                item()
            _target(body, node, part, item, when)
    else:
        _walrus(body, target)


def _item(make: Callable[[], Any], place: int, count: int, node: ast.stmt) -> Callable[[], Any]:
    def item() -> Any:
        value = make()
        if isinstance(value, Unknown):
            return value
        if not isinstance(value, tuple) or len(value) != count:
            return Unknown(f"line {node.lineno} unpacks what is no tuple of {count} constants")
        return value[place]

    return cache(item)


def _augmented(body: Body, node: ast.AugAssign) -> None:
    _walrus(body, node.value)
    if not isinstance(node.target, ast.Name):
        _walrus(body, node.target)
        return
    name, when = node.target.id, body.now
    plain = ast.copy_location(ast.Name(name, ast.Load()), node)
    term = ast.copy_location(ast.BinOp(plain, node.op, node.value), node)
    body.bind(name, node.lineno, lambda: evaluate(body, term), when=when)


def _if(body: Body, node: ast.If) -> None:
    _walrus(body, node.test)
    test = evaluate(body, node.test)
    known = None if isinstance(test, Unknown) else truth(test)
    if known is None:
        body.unknown([*node.body, *node.orelse], _UNSEEN)
    else:
        read_block(body, node.body if known else node.orelse)


def _try(body: Body, node: ast.Try) -> None:
    if all(_is_sure(each) for each in node.body):
        read_block(body, [*node.body, *node.orelse, *node.finalbody])
    else:
        _other(body, node)


def _is_sure(node: ast.stmt) -> bool:
    """Tell whether a statement raises nothing, so that no handler runs."""
    if isinstance(node, ast.Import):
        return all(each.name.partition(".")[0] in _SURE and each.name in _SURE | {"numba.cuda"}
                   for each in node.names)  # fmt: skip
    if isinstance(node, ast.ImportFrom):
        names = {each.name for each in node.names}
        return not node.level and (node.module == "numba" and names <= _SURE_NAMES)
    literal = isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
    names_only = literal and all(isinstance(each, ast.Name) for each in node.targets)  # type: ignore[attr-defined]
    return isinstance(node, ast.Pass) or names_only


def _import(body: Body, node: ast.Import) -> None:
    for alias in node.names:
        name = alias.asname or alias.name.partition(".")[0]
        body.bind(name, node.lineno, lambda a=alias: imported(body, a), when=None)  # type: ignore[misc]


def _import_from(body: Body, node: ast.ImportFrom) -> None:
    for alias in node.names:
        if alias.name == bindings.STAR:
            body.star(node)
            continue

        def make(name: str = alias.name) -> Any:
            value = attribute(imported_from(body, node), name)
            if isinstance(value, Unknown) and value.missing:
                return Unknown(f"line {node.lineno} imports {name}, which is not there")
            return value

        body.bind(alias.asname or alias.name, node.lineno, make, when=None)


def _define(body: Body, node: ast.FunctionDef) -> None:
    given = node.args
    _walrus(body, *node.decorator_list, *given.defaults, *given.kw_defaults)
    plain = not (node.decorator_list or given.defaults or given.kw_defaults)
    when = None if plain else body.now
    body.bind(node.name, node.lineno, lambda: decorated(body, node), when=when)


def _class(body: Body, node: ast.ClassDef) -> None:
    _walrus(body, *node.decorator_list, *node.bases, *(each.value for each in node.keywords))
    body.bind(node.name, node.lineno, lambda: class_of(body, node), when=body.now)


def _delete(body: Body, node: ast.Delete) -> None:
    for name in bindings.bound([node]):
        why = Unknown(f"line {node.lineno} deletes it")
        body.bind(name, node.lineno, lambda why=why: why, when=None)  # type: ignore[misc]


def _return(body: Body, node: ast.Return) -> None:
    if body.kind == "call":
        _walrus(body, node.value)
        body.result = None if node.value is None else evaluate(body, node.value)
        body.left = True


def _raise(body: Body, node: ast.Raise) -> None:
    if body.kind == "call":
        body.result, body.left = Unknown(f"line {node.lineno} raises an exception"), True


def _nothing(_body: Body, _node: ast.stmt) -> None:
    """Do nothing: the statement binds nothing that is not known already."""


_READERS: dict[type[ast.stmt], Callable[[Body, Any], None]] = {
    ast.Assign: _assign,
    ast.AnnAssign: _annotated,
    ast.AugAssign: _augmented,
    ast.If: _if,
    ast.Try: _try,
    ast.Import: _import,
    ast.ImportFrom: _import_from,
    ast.FunctionDef: _define,
    ast.ClassDef: _class,
    ast.Delete: _delete,
    ast.Return: _return,
    ast.Raise: _raise,
    ast.Pass: _nothing,
    ast.Global: _nothing,
    ast.Nonlocal: _nothing,
}
