"""From an address to a kernel, by reading text alone: nothing is imported or executed.

An address is ``file:name``, or for a kernel that a factory makes,
``file:factory(argument, …).inner``, where an argument is an address or a
number: ``cuda_ops.py:tensor_map(operators.py:add)._map``. A file is looked for
as it stands, and then beside the file that the address begins with.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

from minigrade.simt import operators
from minigrade.simt.bodies import Body
from minigrade.simt.entities import Function
from minigrade.simt.errors import LimitExceeded, ResolveError
from minigrade.simt.limits import Limits
from minigrade.simt.meanings import Jitted, Unknown
from minigrade.simt.modules import Loader, attribute, bind_arguments
from minigrade.simt.source import check_depth

_NAME = re.compile(r"[A-Za-z_]\w*")
_NUMBER = re.compile(r"[-+]?[0-9][0-9_.eE]*")
_ADDRESS_LIMIT = 1000
_NESTING = 8


def resolve(address: str, limits: Limits) -> Function:
    """Return the kernel at `address`.

    Raises:
        ResolveError: there is none; says how far the address leads.
        LimitExceeded: a file is too long or too deeply nested.
    """
    found = read_constant(address, limits)
    if not isinstance(found, Function):
        raise ResolveError(f"{address!r} is no function")
    check_depth(found.node, found.file, limits)
    return found


def read_constant(address: str, limits: Limits) -> Any:
    """Return what the name at `address` means: a number, a string, a tuple, a function.

    Raises:
        ResolveError: there is none, or it cannot be read; says how far the address leads.
        LimitExceeded: a file is too long or too deeply nested.
    """
    if len(address) > _ADDRESS_LIMIT:
        raise ResolveError(f"an address of {len(address)} characters")
    reader = _Reader(address, Loader(limits))
    found = reader.address(None, 0)
    if reader.place != len(address):
        raise ResolveError(f"{address!r}: unexpected {address[reader.place :]!r}")
    return found


class _Reader:
    """Reads an address from left to right."""

    def __init__(self, text: str, loader: Loader) -> None:
        self.text, self.place, self._loader = text, 0, loader

    def address(self, beside: Path | None, depth: int) -> Any:
        """Read ``file:name(arguments).name`` and return what it leads to."""
        if depth > _NESTING:
            raise LimitExceeded(f"the address {self.text!r} is nested too deeply")
        end = self.text.find(":", self.place)
        if end < 0:
            raise ResolveError(f"{self.text!r}: a file, a colon and a name are expected")
        path = self._file(self.text[self.place : end].strip(), beside)
        self.place = end + 1
        scope: Any = self._loader.load(path)
        seen = f"{path.name}:"
        while True:
            name = self._take(_NAME)
            if name is None:
                raise ResolveError(f"{self.text!r}: a name is expected after {seen!r}")
            found = _known(attribute(scope, name), f"{seen}{name}")
            seen += name
            inside: Body | None = None
            if self.text[self.place : self.place + 1] == "(":
                inside = self._call(found, seen, path.parent, depth)
                seen += "(…)"
            if self.text[self.place : self.place + 1] != ".":
                return found if inside is None else _known(inside.result, seen)
            self.place += 1
            seen += "."
            scope = inside or (self._inside(found) if isinstance(found, Function) else found)

    def _call(self, found: Any, seen: str, beside: Path, depth: int) -> Body:
        if not isinstance(found, Function):
            raise ResolveError(f"{seen} is no function, and cannot be called")
        self.place += 1
        values: list[Any] = []
        while self.text[self.place : self.place + 1] != ")":
            number = self._take(_NUMBER)
            values.append(self.address(beside, depth + 1) if number is None else _number(number))
            if self.text[self.place : self.place + 1] == ",":
                self.place += 1
                self._take(re.compile(r"\s+"))
            elif self.text[self.place : self.place + 1] != ")":
                raise ResolveError(f"{self.text!r}: a closing parenthesis is missing")
        self.place += 1
        bound = bind_arguments(found, values, {})
        if bound is None:
            count = len(found.node.args.posonlyargs) + len(found.node.args.args)
            raise ResolveError(f"{seen} takes {count} arguments, not {len(values)}")
        return self._loader.inside(found, bound)

    def _inside(self, found: Function) -> Body:
        given = found.node.args
        names = [each.arg for each in (*given.posonlyargs, *given.args, *given.kwonlyargs)]
        why = Unknown(f"it is an argument of {found.name}, which the address does not call")
        return self._loader.inside(found, {each: replace(why, name=each) for each in names})

    def _take(self, pattern: re.Pattern[str]) -> str | None:
        match = pattern.match(self.text, self.place)
        if match is None:
            return None
        self.place = match.end()
        return match.group()

    def _file(self, name: str, beside: Path | None) -> Path:
        for path in (Path(name), *([beside / name] if beside else [])):
            try:
                if path.is_file():
                    return path
            except (OSError, ValueError):
                break
        raise ResolveError(f"there is no file {name!r}")


def _known(value: Any, seen: str) -> Any:
    if isinstance(value, Unknown):
        if value.missing:
            raise ResolveError(f"{seen} does not exist")
        raise replace(value, name=seen).error()
    return value.function if isinstance(value, Jitted) else value


def _number(text: str) -> int | float:
    try:
        value = int(text) if re.fullmatch(r"[-+]?\d+", text) else float(text)
    except ValueError:
        raise ResolveError(f"{text!r} is no number") from None
    if operators.constant(value) is None:
        raise ResolveError(f"{text!r} is no number of 64 bits")
    return value
