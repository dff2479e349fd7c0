"""Right kernels of one element a thread, with branches and loops.

Read as text; imported by numba's simulator only.
"""

import math

from numba import cuda, float64, int32


@cuda.jit(device=True)
def clamp(x, low, high):
    if x < low:
        return low
    if x > high:
        return high
    return x


@cuda.jit(device=True)
def both(x, y):
    return x + y, x - y


def copy(out, a, n):
    i = cuda.grid(1)
    if i < n:
        out[i] = a[i]


def early_return(out, a, n):
    i = cuda.blockIdx.x * cuda.blockDim.x + cuda.threadIdx.x
    if i >= n:
        return
    out[i] = 2 * a[i]


def grid_stride(out, a, n):
    for i in range(cuda.grid(1), n, cuda.gridsize(1)):
        out[i] = a[i] + 1


def add_rows(out, a, b):
    i, j = cuda.grid(2)
    if i < out.shape[0] and j < out.shape[1]:
        out[i, j] = a[i, j] + b[j]


def cube(out, a):
    x, y, z = cuda.grid(3)
    if x < a.shape[0] and y < a.shape[1] and z < a.shape[2]:
        out[x, y, z] = -a[x, y, z]


def clamped(out, a, n):
    i = cuda.grid(1)
    if i < n:
        out[i] = clamp(a[i], -1.0, 1.0)


def butterfly(out, a, n):
    i = cuda.grid(1)
    if i < n:
        total, gap = both(a[i], a[n - 1 - i])
        out[i] = total * gap


def either(out, a, n):
    """Both branches assign; each lane keeps its own."""
    i = cuda.grid(1)
    if i < n:
        if a[i] > 0:
            x = 1
        else:
            x = 2.5
        out[i] = x * a[i]


def last_seen(out, a, n):
    """What a loop's body assigned lives on, lane by lane, behind the loop."""
    i = cuda.grid(1)
    if i < n:
        for k in range(i + 1):
            seen = a[k]
            if seen > 2:
                break
        out[i] = seen


def first_negative(out, a, n):
    """Each row's first negative place, or -1."""
    i = cuda.grid(1)
    if i < a.shape[0]:
        for k in range(n):
            if a[i, k] < 0:
                out[i] = k
                break
        else:
            out[i] = -1


def skip_odd(out, a, n):
    i = cuda.grid(1)
    if i < a.shape[0]:
        acc = 0.0
        for k in range(n):
            if k % 2 == 1:
                continue
            acc += a[i, k]
        out[i] = acc


def collatz(out, a, n):
    i = cuda.grid(1)
    if i >= n:
        return
    x = a[i]
    steps = 0
    while x != 1:
        if x % 2 == 0:
            x = x // 2
        else:
            x = 3 * x + 1
        steps += 1
    out[i] = steps


def ragged(out, a, counts):
    """Sum the first counts[i] elements of each row."""
    i = cuda.grid(1)
    if i < len(counts):
        acc = 0.0
        for k in range(counts[i]):
            acc += a[i, k]
        out[i] = acc


def guarded(out, a, n):
    """Look left only where there is a left: the right side of `and` must not run elsewhere."""
    i = cuda.grid(1)
    if i < n:
        if i > 0 and a[i - 1] > a[i]:
            out[i] = 1
        else:
            out[i] = 0


def late(out, a, n):
    """A variable that only some threads assign, and only they read."""
    i = cuda.grid(1)
    if i < n:
        value = a[i] * 3
    cuda.syncthreads()
    if i < n:
        out[i] = value


def math_mix(out, a, n):
    i = cuda.grid(1)
    if i < n:
        x = a[i]
        out[i] = math.exp(-abs(x)) + math.sqrt(x * x + 1.0) + math.tanh(x) + math.floor(x)


def fixed(out, a, n):
    i = cuda.grid(1)
    if i < n:
        out[i] = int32(a[i]) + float64(0.5)
