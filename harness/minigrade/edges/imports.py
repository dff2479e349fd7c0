"""Remove imports from a file: those that a cut has left without a use, or chosen ones.

Works on libcst's trees, which are slow to import: see `minigrade.edges.cutting`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

import libcst as cst
from libcst.metadata import Assignment, MetadataWrapper, ScopeProvider

Import = cst.Import | cst.ImportFrom
Keep = Callable[[Import, cst.ImportAlias | cst.ImportStar], bool]
"""Tells of an import statement and one name in it whether that name stays."""

_Node = TypeVar("_Node", cst.Import, cst.ImportFrom)

_SHORT = 80
"""An import that is no longer than this needs no lines of its own for its names."""


def drop_imports(module: cst.Module, keep: Keep) -> cst.Module:
    """Return `module` with those imported names only that `keep` wants.

    Statements go when nothing is left of them, and ``if`` blocks too.
    """
    return module.visit(_Dropper(keep))


def drop_new_unused_imports(before: cst.Module, after: cst.Module) -> cst.Module:
    """Return `after` without the imports that are used in `before` only.

    An import that nothing used before the cut either was there for a reason,
    such as to pass a name on, and stays.
    """
    unused_before = {_key(*found) for found in _unused(MetadataWrapper(before))}
    while True:
        wrapper = MetadataWrapper(after)
        new = [found for found in _unused(wrapper) if _key(*found) not in unused_before]
        if not new:
            return after
        # Then look again: this can leave another import unused, such as TYPE_CHECKING's.
        after = _without(wrapper.module, new)


def sibling(node: Import, alias: cst.ImportAlias | cst.ImportStar) -> str:
    """Return the module beside this one that an import reads, or an empty string."""
    if not isinstance(node, cst.ImportFrom) or len(node.relative) != 1:
        return ""
    if node.module is not None:
        return _code(node.module).split(".", 1)[0]
    return "" if isinstance(alias, cst.ImportStar) else alias.evaluated_name


def _code(node: cst.CSTNode) -> str:
    return cst.Module([]).code_for_node(node)


def _without(module: cst.Module, doomed: Sequence[tuple[Import, str]]) -> cst.Module:
    return drop_imports(module, lambda node, alias: (node, _bound_name(alias)) not in doomed)


def _unused(wrapper: MetadataWrapper) -> Iterator[tuple[Import, str]]:
    """Yield the import statements, with the names they bind, that nothing refers to."""
    for scope in {scope for scope in wrapper.resolve(ScopeProvider).values() if scope}:
        for found in scope.assignments:
            if (
                isinstance(found, Assignment)
                and isinstance(found.node, cst.Import | cst.ImportFrom)
                and not found.references
            ):
                yield found.node, found.name


def _key(node: Import, name: str) -> tuple[str, str]:
    """Return what tells an import from others, whatever else its statement imports."""
    source = ""
    if isinstance(node, cst.ImportFrom):
        source = "." * len(node.relative) + (_code(node.module) if node.module else "")
    return source, name


def _bound_name(alias: cst.ImportAlias | cst.ImportStar) -> str:
    """Return the name that `alias` binds: ``os`` for ``import os.path``, ``*`` for a star."""
    if isinstance(alias, cst.ImportStar):
        return "*"
    return alias.evaluated_alias or alias.evaluated_name.split(".", 1)[0]


def _joined(node: cst.ImportFrom) -> cst.ImportFrom:
    """Return an import in one line, without parentheses, if that is short enough."""
    assert not isinstance(node.names, cst.ImportStar)
    *names, last = [
        alias.with_changes(comma=cst.Comma(whitespace_after=cst.SimpleWhitespace(" ")))
        for alias in node.names
    ]
    one = node.with_changes(
        lpar=None,
        rpar=None,
        names=[*names, last.with_changes(comma=cst.MaybeSentinel.DEFAULT)],
        whitespace_after_import=cst.SimpleWhitespace(" "),
    )
    return node if "#" in _code(node) or len(_code(one)) > _SHORT else one


class _Dropper(cst.CSTTransformer):
    """Removes imports, and what their removal leaves empty."""

    def __init__(self, keep: Keep) -> None:
        super().__init__()
        self._keep = keep
        self._gone: set[cst.CSTNode] = set()

    def leave_Import(  # noqa: N802  (libcst's name)
        self, original_node: cst.Import, updated_node: cst.Import
    ) -> cst.Import | cst.RemovalSentinel:
        return self._filtered(original_node, updated_node, original_node.names)

    def leave_ImportFrom(  # noqa: N802
        self, original_node: cst.ImportFrom, updated_node: cst.ImportFrom
    ) -> cst.ImportFrom | cst.RemovalSentinel:
        if isinstance(original_node.names, cst.ImportStar):
            return (
                updated_node
                if self._keep(original_node, original_node.names)
                else cst.RemoveFromParent()
            )
        left = self._filtered(original_node, updated_node, original_node.names)
        return (
            _joined(left) if isinstance(left, cst.ImportFrom) and left is not updated_node else left
        )

    def _filtered(
        self, original: _Node, updated: _Node, names: Sequence[cst.ImportAlias]
    ) -> _Node | cst.RemovalSentinel:
        kept = [alias for alias in names if self._keep(original, alias)]
        if not kept:
            return cst.RemoveFromParent()
        if len(kept) == len(names):
            return updated
        # The last name carries the comma that the last one carried before, which is
        # none without parentheses.
        kept[-1] = kept[-1].with_changes(comma=names[-1].comma)
        return updated.with_changes(names=kept)

    def leave_SimpleStatementLine(  # noqa: N802
        self, original_node: cst.SimpleStatementLine, updated_node: cst.SimpleStatementLine
    ) -> Any:
        return self._unless_empty(original_node, updated_node, updated_node)

    def leave_If(self, original_node: cst.If, updated_node: cst.If) -> Any:  # noqa: N802
        if updated_node.orelse is not None:
            return updated_node
        return self._unless_empty(original_node, updated_node, updated_node.body)

    def _unless_empty(self, original: Any, updated: Any, holder: Any) -> Any:
        if holder.body:
            return updated
        self._gone.add(original)
        return cst.RemoveFromParent()

    def leave_IndentedBlock(  # noqa: N802
        self, original_node: cst.IndentedBlock, updated_node: cst.IndentedBlock
    ) -> cst.IndentedBlock:
        return updated_node.with_changes(body=self._closed_up(original_node, updated_node))

    def leave_Module(  # noqa: N802
        self, original_node: cst.Module, updated_node: cst.Module
    ) -> cst.Module:
        return updated_node.with_changes(body=self._closed_up(original_node, updated_node))

    def _closed_up(self, original: Any, updated: Any) -> list[Any]:
        """Let what follows a removed statement keep the distance that this one had."""
        body: list[Any] = []
        rest = iter(updated.body)
        removed_blank: int | None = None
        for old in original.body:
            blank = _blank_lines(old)
            if old in self._gone:
                removed_blank = max(removed_blank or 0, blank)
                continue
            new = next(rest)
            if removed_blank is not None:
                # At the top of a block nothing is left to keep a distance from.
                wanted = max(removed_blank, blank) if body else removed_blank
                empty = [cst.EmptyLine(indent=False)] * wanted
                new = new.with_changes(leading_lines=[*empty, *new.leading_lines[blank:]])
            body.append(new)
            removed_blank = None
        return body


def _blank_lines(statement: Any) -> int:
    """Return how many empty lines stand before a statement and its comments."""
    for count, line in enumerate(statement.leading_lines):
        if line.comment is not None:
            return count
    return len(statement.leading_lines)
