"""When it pays to share work among the cores.

Whoever hands work to another core has to wake it up first. So few numbers are dealt with on
one core: see `FastOps`.
"""

from __future__ import annotations

import numba

THREADS: int = numba.config.NUMBA_NUM_THREADS
"""Threads to share work among. A kernel that asked `get_num_threads` could not be kept for
another process, as the function is called by its address."""

SERIAL_SIZE = 65_536
"""Fewer numbers than this are added before another thread has woken up.

OMP wakes one in 1 to 2 microseconds, Numba's workqueue in 30: time for 65,536 additions is
in between.
"""

WORTH_THREADS = 2**21
"""Fewer multiplications than this take less time than waking threads up."""
