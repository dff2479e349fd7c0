"""Cut the answers out of a file of the reference.

Statements inside a fence (see `minigrade.edges.fences`) become ``raise
NotImplementedError("Need to implement for Task 1.2")`` in a function, and nothing
at all elsewhere: at the top level and in the body of a class. All else stays as
it is, letter by letter: signatures, docstrings, comments, given code. Only imports
that the cut has left without a use go too, and where statements are gone, empty
lines before and after them that would add up.

libcst attaches a comment to what follows it: one before a statement is among
that statement's `leading_lines`, one that ends a block is in the block's
`footer`. The two halves of a fence are therefore found in different places, and
a block is read here as one sequence of lines and statements.

libcst is slow to import: import this module only where something is to be cut.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import libcst as cst
from libcst.metadata import MetadataWrapper, PositionProvider

from minigrade.edges.fences import Fence, find_fences
from minigrade.edges.imports import drop_new_unused_imports
from minigrade.errors import CourseError


@dataclass(frozen=True)
class Stub:
    """A place where an answer was: its task, and the function, as ``Scalar.chain_rule``."""

    task: str
    function: str


@dataclass(frozen=True)
class Stripped:
    """A file without its answers, and where stubs took their place, from top to bottom."""

    text: str
    stubs: tuple[Stub, ...]


def strip(text: str, path: str, keep: Collection[str] = ()) -> Stripped:
    """Return a file of the reference without its answers and without fences.

    Args:
        text: the file's text.
        path: its path, for messages.
        keep: ids of tasks whose answers stay; only their fences go.

    Raises:
        CourseError: see `find_fences`; also when a fence does not enclose whole
            statements of one block, or leaves nothing of it. Says file and line.
    """
    fences = find_fences(text, path)
    if not fences:
        return Stripped(text, ())
    try:
        wrapper = MetadataWrapper(cst.parse_module(text))
    except cst.ParserSyntaxError as error:
        raise CourseError(f"{path}:{error.raw_line}: not Python: {error.message}") from None
    cutter = _Cutter(_Fences(path, fences, frozenset(keep), wrapper.resolve(PositionProvider)))
    module = wrapper.module.visit(cutter)
    cutter.fences.check_all_closed()
    if cutter.has_cut:
        module = drop_new_unused_imports(wrapper.module, module)
    return Stripped(module.code, tuple(stub for _, stub in sorted(cutter.stubs.items())))


class _Fences:
    """The fences of one file, and which of them have been dealt with."""

    def __init__(
        self,
        path: str,
        fences: Sequence[Fence],
        keep: frozenset[str],
        positions: Mapping[cst.CSTNode, Any],
    ) -> None:
        self.begins = {fence.begin: fence for fence in fences}
        self.ends = {fence.end: fence for fence in fences}
        self._path = path
        self._keep = keep
        self._positions = positions

    def keeps(self, fence: Fence) -> bool:
        """Tell whether what `fence` encloses stays."""
        return fence.task in self._keep

    def line_of(self, line: cst.EmptyLine) -> int:
        """Return the number of a comment's line; 0 for an empty line."""
        return int(self._positions[line.comment].start.line) if line.comment else 0

    def check_all_closed(self) -> None:
        """Raise a CourseError if a fence stands where no block has seen it."""
        for fence in self.begins.values():
            raise self.error(
                fence.begin,
                f"the fence from here to line {fence.end} does not enclose whole statements of "
                "one block; both its lines belong in that block",
            )

    def error(self, line: int, text: str) -> CourseError:
        """Return the error that says `text` of a line of this file."""
        return CourseError(f"{self._path}:{line}: {text}")


class _Block:
    """One block of a file, rebuilt without what its fences enclose.

    Args:
        fences: all fences of the file.
        function: the function that it is in, as ``Scalar.chain_rule``; empty at the
            top level and in the body of a class, where no stub is needed.
    """

    def __init__(self, fences: _Fences, function: str) -> None:
        self.statements: list[cst.BaseStatement] = []
        self.lines: list[cst.EmptyLine] = []  # wait for the statement that they lead
        self.stubs: dict[int, Stub] = {}
        self.cut: Fence | None = None  # the last one that was cut
        self._fences = fences
        self._function = function
        self._open: Fence | None = None
        self._enclosed = 0
        self._blank = -1  # since statements vanished: how many empty lines stood before them

    def add_line(self, line: cst.EmptyLine) -> None:
        """Take the next comment or empty line, which may be half of a fence."""
        number = self._fences.line_of(line)
        if number in self._fences.begins:
            self._open, self._enclosed = self._fences.begins[number], 0
        elif number in self._fences.ends:
            self._close(self._fences.ends[number])
        elif self._open is None or self._fences.keeps(self._open):
            if line.comment:
                self._close_up()
            self.lines.append(line)

    def add_statement(self, statement: cst.BaseStatement, *, is_docstring: bool) -> None:
        """Take the next statement; the lines before it have been added."""
        if self._open:
            self._enclosed += 1
            if is_docstring:
                raise self._fences.error(
                    self._open.begin, "this fence encloses a docstring, which stays; begin below it"
                )
            if not self._fences.keeps(self._open):
                return
        self._close_up()
        self._append(statement)

    def finish(self, *, may_be_empty: bool) -> None:
        """Raise a CourseError if a fence is open at the end of the block, or nothing is left."""
        if self._open:
            raise self._fences.error(
                self._open.begin,
                f"this fence ends at line {self._open.end}, which is in another block; "
                "both its lines belong in the same one",
            )
        if self.cut and not self.statements and not may_be_empty:
            raise self._fences.error(
                self.cut.begin,
                "nothing is left of this block without its answers; put the fence around the "
                "whole statement that the block belongs to",
            )
        if self._blank >= 0:
            self._take_blank_lines()  # at the end nothing is left to keep a distance from

    def _close(self, fence: Fence) -> None:
        if fence is not self._open:
            raise self._fences.error(
                fence.end,
                f"this fence begins at line {fence.begin}, which is in another block; "
                "both its lines belong in the same one",
            )
        if not self._enclosed:
            raise self._fences.error(fence.begin, "this fence encloses no statement")
        if not self._fences.keeps(fence):
            self.cut = fence
            if self._function:
                code = f'raise NotImplementedError("Need to implement for Task {fence.task}")'
                self._append(cst.parse_statement(code))
                self.stubs[fence.begin] = Stub(fence.task, self._function)
            else:
                self._blank = max(self._blank, self._take_blank_lines())
        del self._fences.begins[fence.begin]
        self._open = None

    def _close_up(self) -> None:
        """Leave no more empty lines where statements vanished than there were on one side."""
        if self._blank >= 0:
            after = self._take_blank_lines()
            is_top = not (self.statements or self.lines)
            wanted = self._blank if is_top else max(self._blank, after)
            self.lines += [cst.EmptyLine(indent=False)] * wanted
            self._blank = -1

    def _take_blank_lines(self) -> int:
        """Remove the empty lines that were added last, and return how many there were."""
        before = len(self.lines)
        while self.lines and self.lines[-1].comment is None:
            self.lines.pop()
        return before - len(self.lines)

    def _append(self, statement: Any) -> None:
        self.statements.append(statement.with_changes(leading_lines=self.lines))
        self.lines = []


class _Cutter(cst.CSTTransformer):
    """Rebuilds the blocks of a file, inner ones first."""

    def __init__(self, fences: _Fences) -> None:
        super().__init__()
        self.fences = fences
        self.stubs: dict[int, Stub] = {}
        self.has_cut = False
        self._scopes: list[cst.FunctionDef | cst.ClassDef] = []

    def on_visit(self, node: cst.CSTNode) -> bool:
        if isinstance(node, cst.FunctionDef | cst.ClassDef):
            self._scopes.append(node)
        return True

    def on_leave(self, original_node: Any, updated_node: Any) -> Any:
        if isinstance(original_node, cst.FunctionDef | cst.ClassDef):
            self._scopes.pop()
        elif isinstance(original_node, cst.IndentedBlock):
            return self._rebuilt(original_node, updated_node)
        elif isinstance(original_node, cst.Module):
            # What stands above the first statement is a header, and not that statement's.
            header = original_node.header
            if any(self.fences.line_of(line) in self.fences.begins for line in header):
                return self._rebuilt(original_node, updated_node.with_changes(header=()), header)
            return self._rebuilt(original_node, updated_node)
        return updated_node

    def _rebuilt(self, original: Any, updated: Any, header: Sequence[cst.EmptyLine] = ()) -> Any:
        """Return a block, which begins with the lines of `header`, without answers."""
        scope = self._scopes[-1] if self._scopes else None
        in_function = isinstance(scope, cst.FunctionDef)
        name = ".".join(scope.name.value for scope in self._scopes)
        block = _Block(self.fences, function=name if in_function else "")
        docstring = _docstring(scope or original, original)
        for line in header:
            block.add_line(line)
        # Positions belong to the original nodes; inner blocks are cut in the updated ones.
        for old, new in zip(original.body, updated.body, strict=True):
            leading_lines: Sequence[cst.EmptyLine] = getattr(old, "leading_lines", ())
            for line in leading_lines:
                block.add_line(line)
            block.add_statement(new, is_docstring=old is docstring)
        for line in original.footer:
            block.add_line(line)
        block.finish(may_be_empty=isinstance(original, cst.Module))
        self.has_cut |= block.cut is not None
        self.stubs |= block.stubs
        return updated.with_changes(body=block.statements, footer=block.lines)


def _docstring(owner: Any, block: Any) -> cst.BaseStatement | None:
    """Return the statement in `block` that is the docstring of `owner`, which may be `block`."""
    if owner is block and not isinstance(block, cst.Module):
        return None
    is_body = block is owner or block is owner.body
    return block.body[0] if is_body and owner.get_docstring() is not None else None
