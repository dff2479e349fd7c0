"""Every exception that `minigrade.simt` raises, whatever the source it is given.

::

    SimtError
    ├── Unsupported      the source uses what no kernel may, or what this executor cannot run
    ├── KernelError      the source cannot be compiled or launched: names, types, sizes
    ├── ResolveError     an address that leads to no kernel
    ├── LimitExceeded    too many steps, too much memory or time
    └── InternalError    a mistake of this executor, not of the kernel

A finding (a race, a read out of bounds) is no error: the launch goes on, and
the trace says what was found.
"""

from __future__ import annotations


class SimtError(Exception):
    """A kernel that cannot be run, with the `file` and `line` to blame, where known."""

    def __init__(self, message: str, *, line: int = 0, file: str = "") -> None:
        self.message, self.line, self.file = message, line, file
        super().__init__(message)

    def __str__(self) -> str:
        """Return the message behind its place, as in ``cuda_ops.py:12: …``."""
        if not self.line:
            return self.message
        return f"{self.file or 'line '}{':' if self.file else ''}{self.line}: {self.message}"


class Unsupported(SimtError):
    """A construct outside the subset of Python that is run here; `construct` names it."""

    def __init__(self, construct: str, *, line: int = 0, file: str = "") -> None:
        self.construct = construct
        super().__init__(f"{construct} cannot be used in a kernel here", line=line, file=file)


class KernelError(SimtError):
    """A kernel that would not compile or launch: an unknown name, a wrong type, a wrong size."""


class ResolveError(SimtError):
    """An address such as ``cuda_ops.py:tensor_map(operators.py:add)._map`` that leads nowhere."""


class LimitExceeded(SimtError):
    """More steps, memory, time or nesting than the limits of the launch allow."""


class InternalError(SimtError):
    """A mistake of this executor, met at the line named; ``__cause__`` is what went wrong."""

    def __init__(self, error: BaseException, *, line: int = 0, file: str = "") -> None:
        super().__init__(
            f"a mistake of minigrade's own, not of the kernel: {error!r:.200}; "
            f"please report it together with the kernel",
            line=line,
            file=file,
        )
