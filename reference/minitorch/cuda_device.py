"""Whether there is a GPU."""

from __future__ import annotations


def need_device() -> None:
    """Check that there is a GPU to work with.

    Raises:
        RuntimeError: there is none. Says why.
    """
    from numba import cuda

    if not cuda.is_available():
        reason = " ".join(str(cuda.cuda_error() or "numba finds no NVVM to compile with").split())
        raise RuntimeError(
            f"no CUDA device: {reason} On a machine without one, use TensorBackend(FastOps)."
        )
