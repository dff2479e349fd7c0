"""What somebody may have meant who wrote a name that does not exist."""

from __future__ import annotations

import difflib
import math

from minigrade.simt.dtypes import BY_NAME

_CUDA = """
    threadIdx blockIdx blockDim gridDim grid gridsize syncthreads syncthreads_count
    syncthreads_and syncthreads_or syncwarp shared local atomic const laneid warpsize jit
"""
_ATOMICS = "add sub max min nanmax nanmin and_ or_ xor inc dec exch cas compare_and_swap"
_INSIDE = {
    "threadIdx": "x y z", "blockIdx": "x y z", "blockDim": "x y z", "gridDim": "x y z",
    "shared": "array", "local": "array", "atomic": _ATOMICS,
}  # fmt: skip
_ALIKE = 0.6


def mistaken(path: str) -> str:
    """Return what to say of a full name that does not exist, or nothing if it may."""
    module, _, name = path.rpartition(".")
    short = module.removeprefix("numba.")
    if module == "math":
        known = [each for each in vars(math) if not each.startswith("_")]
        return "" if name in known else _say(short, name, known)
    if module == "numba.cuda":
        found = _say(short, name, _CUDA.split())
        return found if name not in _CUDA.split() and "?" in found else ""
    if module == "numba" and name not in BY_NAME:
        found = _say(short, name, [*BY_NAME, "cuda", "types", "prange"])
        return found if name not in ("cuda", "types", "prange") and "?" in found else ""
    inside = _INSIDE.get(short.removeprefix("cuda.")) if short.startswith("cuda.") else None
    if inside is None or name in inside.split():
        return ""
    return _say(short, name, inside.split())


def _say(where: str, name: str, known: list[str]) -> str:
    """Return that there is no such name, and the most similar one that there is."""
    folded = {each.casefold(): each for each in reversed(known)}
    near = difflib.get_close_matches(name.casefold(), folded, n=1, cutoff=_ALIKE)
    hint = f"; did you mean {folded[near[0]]}?" if near else ""
    return f"{where} has no {name}{hint}"
