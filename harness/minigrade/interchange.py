"""Write a report as JSON and read it again, without loss.

Fractions are strings ("3/4"), as are floats that JSON has no number for.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import msgspec

from minigrade.model import Report


def to_json(report: Report) -> bytes:
    """Return `report` as JSON: fractions as strings ("3/4"), keys in a fixed order."""
    text = msgspec.json.encode(_finite(msgspec.to_builtins(report, enc_hook=_encode)))
    return msgspec.json.format(text, indent=2) + b"\n"


def from_json(text: bytes) -> Report:
    """Return the report that `to_json` wrote.

    Raises:
        msgspec.ValidationError: `text` is no report; says where.
    """
    return msgspec.json.decode(text, type=Report, dec_hook=_decode)


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema of a report."""
    return msgspec.json.schema(Report, schema_hook=_schema)


def _encode(value: Any) -> Any:
    if isinstance(value, Fraction):
        return str(value)
    raise NotImplementedError(f"{type(value).__name__} in a report")


def _decode(kind: type, value: Any) -> Any:
    if kind is Fraction and isinstance(value, str):
        return Fraction(value)
    raise NotImplementedError(f"{kind.__name__} in a report")


def _schema(kind: type) -> dict[str, Any]:
    if kind is Fraction:
        return {"type": "string", "pattern": r"^-?\d+(/\d+)?$"}
    raise NotImplementedError(f"{kind.__name__} in a report")


def _finite(value: Any) -> Any:
    """Replace non-finite floats by strings, which JSON can carry."""
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    return value
