"""Which names statements may bind, seen without running them."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

STAR = "*"
"""What a star import binds: nobody can see which names."""

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def bound(nodes: Iterable[ast.AST]) -> dict[str, int]:
    """Return the names that `nodes` may bind or delete around them, and the lines that do.

    What functions, lambdas, classes and comprehensions bind inside is their own;
    only the targets of ``:=`` leave a comprehension.
    """
    found: dict[str, int] = {}
    for node in _around(nodes):
        for name in _names(node):
            found[name] = getattr(node, "lineno", 0)
    return found


def _names(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
        return [node.id]
    if isinstance(node, ast.Import):
        return [each.asname or each.name.partition(".")[0] for each in node.names]
    if isinstance(node, ast.ImportFrom):
        return [each.asname or each.name for each in node.names]
    if isinstance(node, (*FUNCTIONS, ast.ClassDef)):
        return [node.name]
    if isinstance(node, ast.ExceptHandler | ast.MatchAs | ast.MatchStar):
        return [node.name] if node.name else []
    if isinstance(node, ast.MatchMapping):
        return [node.rest] if node.rest else []
    return []


def _around(nodes: Iterable[ast.AST]) -> Iterator[ast.AST]:
    """Yield all nodes that are run where `nodes` stand, not inside functions and classes."""
    left: list[ast.AST] = list(nodes)
    while left:
        node = left.pop()
        yield node
        if isinstance(node, (*FUNCTIONS, ast.Lambda)):
            left += node.args.defaults
            left += [each for each in node.args.kw_defaults if each is not None]
            left += getattr(node, "decorator_list", [])
        elif isinstance(node, ast.ClassDef):
            left += [*node.bases, *node.decorator_list, *(each.value for each in node.keywords)]
        elif isinstance(node, ast.comprehension):
            left += [node.iter, *node.ifs]
        else:
            left += ast.iter_child_nodes(node)


def returns(nodes: Iterable[ast.AST]) -> bool:
    """Tell whether `nodes` may return from the function around them."""
    return any(isinstance(node, ast.Return) for node in _around(nodes))


def yields(function: ast.FunctionDef) -> bool:
    """Tell whether a call of `function` makes a generator."""
    kinds = (ast.Yield, ast.YieldFrom)
    return any(isinstance(node, kinds) for node in _around(function.body))


def from_inside(body: Iterable[ast.stmt]) -> dict[str, int]:
    """Return the names that functions inside `body` bind around them, and the lines.

    They do so by ``global`` and ``nonlocal``, and nobody can see when.
    """
    found: dict[str, int] = {}
    for node in _functions(body):
        declared = {
            name
            for each in _around(node.body)
            if isinstance(each, ast.Global | ast.Nonlocal)
            for name in each.names
        }
        if declared:
            own = bound(node.body)
            found.update({name: own[name] for name in declared & own.keys()})
    return found


def declared(body: Iterable[ast.stmt]) -> dict[str, int]:
    """Return the names that a function's own ``global`` and ``nonlocal`` speak of."""
    return {
        name: node.lineno
        for node in _around(body)
        if isinstance(node, ast.Global | ast.Nonlocal)
        for name in node.names
    }


def stored_attributes(tree: ast.Module) -> dict[str, int]:
    """Return the attributes that may be set on modules and classes, and the lines.

    These are the ``x.name = …`` in which `x` is no variable of the function around it, such
    as ``self``.
    """
    found: dict[str, int] = {}
    scopes: list[tuple[list[ast.stmt], set[str]]] = [(tree.body, set())]
    while scopes:
        body, own = scopes.pop()
        for node in _around(body):
            if isinstance(node, ast.Attribute) and not isinstance(node.ctx, ast.Load):
                root = _root(node)
                if not (isinstance(root, ast.Name) and root.id in own):
                    found[node.attr] = node.lineno
            elif isinstance(node, ast.ClassDef):
                scopes.append((node.body, own))
            elif isinstance(node, FUNCTIONS):
                given = node.args
                every = [*given.posonlyargs, *given.args, *given.kwonlyargs]
                every += [each for each in (given.vararg, given.kwarg) if each]
                names = {each.arg for each in every} | set(bound(node.body))
                scopes.append((node.body, own | names))
    return found


def dynamic(tree: ast.Module) -> int:
    """Return the line where a module may bind names of its own that no one can see, or 0."""
    words = {"exec", "eval", "globals"}
    top = {"vars", "locals", "setattr", "delattr"}
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id in words:
            return node.lineno
    return next(
        (n.lineno for n in _around(_live(tree.body)) if isinstance(n, ast.Name) and n.id in top), 0
    )


def _live(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Yield the statements of a module but those of ``if __name__ == "__main__"``."""
    for node in body:
        if not (isinstance(node, ast.If) and "__main__" in ast.dump(node.test)):
            yield node


def _root(node: ast.expr) -> ast.expr:
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    return node


def _functions(body: Iterable[ast.stmt]) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for statement in body:
        for node in ast.walk(statement):
            if isinstance(node, FUNCTIONS):
                yield node
