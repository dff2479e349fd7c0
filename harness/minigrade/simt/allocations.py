"""Compile the making of shared and local arrays."""

from __future__ import annotations

import ast

import numpy as np

from minigrade.simt import dtypes, expressions
from minigrade.simt.dtypes import DType
from minigrade.simt.entities import Constant, Expr, Extern, Tuple
from minigrade.simt.errors import LimitExceeded
from minigrade.simt.frames import Frame
from minigrade.simt.memory import ArrayDecl

_ELEMENTS = {"int": "int64", "bool": "boolean", "float": "float64"}


def array(frame: Frame, node: ast.Call, space: str) -> ArrayDecl:
    """Return the array that ``cuda.shared.array`` or ``cuda.local.array`` makes."""
    given = dict(zip(("shape", "dtype"), node.args, strict=False))
    given.update({word.arg: word.value for word in node.keywords if word.arg})
    if set(given) != {"shape", "dtype"}:
        raise frame.error(node, f"cuda.{space}.array takes a shape and a dtype")
    shape = _shape(frame, given["shape"], space)
    if not shape or min(shape) < 1:
        raise frame.error(node, f"a {space} array of shape {tuple(shape)} holds nothing")
    if int(np.prod([float(side) for side in shape])) > 2**31:
        raise LimitExceeded(
            f"a {space} array of shape {tuple(shape)}", line=node.lineno, file=frame.file
        )
    dtype = element_type(frame, given["dtype"])
    return frame.program.declare(frame, node, frame.hint or space, space, dtype, shape)


def _shape(frame: Frame, node: ast.expr, space: str) -> list[int]:
    """Return the sides of a new array, which must be constants to numba too."""
    entity = expressions.lower(frame, node)
    shape = []
    for side in entity.items if isinstance(entity, Tuple) else (entity,):
        known = side.const if isinstance(side, Expr) and side.dtype.kind in "iu" else None
        if known is None:
            raise frame.error(node, f"the shape of a {space} array must be of constant integers")
        if not side.literal:
            raise frame.error(
                node, f"numba does not compute the shape of a {space} array: give the number a "
                f"name outside the kernel, as in WIDE = TPB + 1"
            )  # fmt: skip
        shape.append(int(known))
    return shape


def element_type(frame: Frame, node: ast.expr) -> DType:
    """Return the type that `node` names, such as ``numba.float32``."""
    entity = expressions.lower(frame, node)
    name = ""
    if isinstance(entity, Extern) and entity.path.startswith("builtins."):
        word = entity.path.rpartition(".")[2]
        raise frame.error(node, f"numba takes no {word} for a type of elements; write "
                          f"numba.{_ELEMENTS.get(word, 'float32')}")  # fmt: skip
    if isinstance(entity, Extern):
        name = entity.path.rpartition(".")[2]
    elif isinstance(entity, Constant) and isinstance(entity.value, str):
        name = entity.value
    if name not in dtypes.BY_NAME:
        raise frame.error(node, f"{expressions.kind_of(entity)} is no type of elements")
    return dtypes.BY_NAME[name]
