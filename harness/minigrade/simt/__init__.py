"""CUDA kernels without a GPU: run from their source text, checked and counted.

`launch` interprets a `numba.cuda` kernel, all lanes of a batch of blocks at
once, and executes nothing of the module that the kernel comes from. It knows
nothing of grading.
"""

from __future__ import annotations

from minigrade.simt.errors import (
    InternalError,
    KernelError,
    LimitExceeded,
    ResolveError,
    SimtError,
    Unsupported,
)
from minigrade.simt.executor import launch
from minigrade.simt.limits import Limits
from minigrade.simt.trace import Counter, Coverage, Finding, Trace

__all__ = [
    "Counter",
    "Coverage",
    "Finding",
    "InternalError",
    "KernelError",
    "LimitExceeded",
    "Limits",
    "ResolveError",
    "SimtError",
    "Trace",
    "Unsupported",
    "launch",
]
