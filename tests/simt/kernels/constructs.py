"""What the language offers: right kernels of two blocks of four threads, `out` of 8 numbers.

`a` holds 8 whole numbers, `m` and `c` have two and three dimensions. Read as
text; imported by numba's simulator only, whose values they must have.
"""

import math

import numba
import numpy as np
from numba import cuda, float32, float64, int32, types

TPB = 4
SIDES = (2, 4)
WIDE, DEEP = 3, TPB // 2 + 1
DEEPER = DEEP + 1
SCALE = 0.5


@cuda.jit(device=True)
def sign(x):
    """Return early, thrice."""
    if x < 0:
        return -1
    if x == 0:
        return 0
    return 1


@cuda.jit(device=True)
def steps(x, limit=6):
    for k in range(limit):
        if x <= 1:
            return k
        while x % 2 == 0:
            x //= 2
            if x == 4:
                return 100 + k
        x -= 1
    return limit


@cuda.jit(device=True)
def signs(x, y):
    return sign(x) * steps(abs(y)) + sign(y - x)


@cuda.jit(device=True)
def rotate(s, t):
    """Pass a barrier within a device function."""
    kept = s[(t + 1) % TPB]
    cuda.syncthreads()
    s[t] = kept
    cuda.syncthreads()
    return s[t]


@cuda.jit(device=True)
def sum_row(row, n: int) -> float:
    total = 0.0
    for k in range(n):
        total += row[k]
    return total


@cuda.jit(device=True)
def bump(cells, k):
    cells[k] += 1


def early_returns(out, a, m, c):
    i = cuda.grid(1)
    out[i] = signs(a[i] - 3, a[7 - i])


def barrier_in_a_helper(out, a, m, c):
    s = cuda.shared.array(TPB, numba.float64)
    t = cuda.threadIdx.x
    s[t] = a[cuda.grid(1)]
    cuda.syncthreads()
    first = rotate(s, t)
    out[cuda.grid(1)] = first * 100 + rotate(s, t)


def tuple_indices(out, a, m, c):
    i = cuda.grid(1)
    place = (i // 4, i % 4)
    x, y = place
    out[i] = m[place] + m[(1 - x, y)] * 10 + c[x, y % 3, i % 2]


def chained_indices(out, a, m, c):
    i = cuda.grid(1)
    t = cuda.threadIdx.x
    s = cuda.shared.array((TPB, 3), numba.float64)
    for k in range(3):
        s[t][k] = c[t % 2, t % 3][k % 2] + c[t % 2][k][0]
    cuda.syncthreads()
    s[t][1] += 2
    row = s[t]
    other = m[i // 4]
    i += 0
    out[i] = row[0] + 10 * s[t][1] + 100 * row[2] + other[t] + len(row) + m[i // 4].shape[0]


def rows_for_helpers(out, a, m, c):
    i = cuda.grid(1)
    mine = cuda.local.array((2, 3), float64)
    for k in range(3):
        mine[0, k] = a[(i + k) % 8]
        mine[1, k] = k
    bump(mine[1], i % 3)
    out[i] = sum_row(mine[0], 3) + 100 * sum_row(mine[1], 3) + sum_row(c[i // 4, i % 3], 2)


def loops_with_else(out, a, m, c):
    i = cuda.grid(1)
    total = 0
    for k in range(8):
        if a[k] == i:
            total += k
            break
    else:
        total -= 50
    while total > 3:
        total -= 2
        if total == i:
            break
    else:
        total += 1000
    out[i] = total + (500 if a[i] in (2, 3, i) else 0) + (7 if i not in (1, a[0]) else 0)


def ranges(out, a, m, c):
    i = cuda.grid(1)
    total = 0
    for k in range(i, -1, -1):
        total = 2 * total + a[k]
    for k in range(7, i, -2):
        total -= k
    for k in range(-i, i):
        total += k * k
    out[i] = total


def cell_updates(out, a, m, c):
    i = cuda.grid(1)
    s = cuda.local.array((2, 2), numba.int64)
    s[0, 0] = a[i] + 20
    s[0, 1] = -a[i] - 7
    s[1, 0] = 3
    s[1, 1] = 1
    s[0, 0] -= 4
    s[0, 1] //= 2
    s[0, 0] %= 7
    s[1, 0] **= 2
    s[1, 1] <<= 3
    s[1, 1] |= a[i]
    s[1, 0] &= 12
    s[1, 1] ^= 5
    s[1][0] >>= 1
    out[i] = s[0, 0] + 10 * s[0, 1] + 1000 * s[1, 0] + 10000 * s[1, 1]
    out[i] /= 2
    out[i] *= -1


def negative_division(out, a, m, c):
    i = cuda.grid(1)
    x = a[i] - 4
    out[i] = x // 3 + 10 * (x % 3) + 100 * (x // -2) + 1000 * (x % -3) + (x * 0.5) // 2


def powers(out, a, m, c):
    i = cuda.grid(1)
    out[i] = a[i] ** 2 + 2**i + float64(a[i] + 1) ** -1 + (a[i] + 1.0) ** 0.5 + pow(i, 3)


def bit_operations(out, a, m, c):
    i = cuda.grid(1)
    x = a[i]
    out[i] = (x & 3) + 10 * (x | 4) + 100 * (x ^ i) + 1000 * (~x) + 10000 * (x << 2 >> 1)


def constants(out, a, m, c):
    i = cuda.grid(1)
    low = math.inf
    high = -np.inf
    for k in range(i + 1):
        low = min(low, a[k])
        high = max(high, a[k])
    bad = math.nan
    known = bad == bad or math.isnan(low)
    out[i] = low + 10 * high + math.pi + math.e + (1 if known else 0) + SCALE + WIDE * DEEP


def shapes(out, a, m, c):
    i = cuda.grid(1)
    s = cuda.shared.array(shape=(WIDE, DEEPER), dtype=types.float32)
    mine = cuda.local.array(dtype=np.int32, shape=2)
    pair = cuda.local.array(SIDES, "float64")
    mine[0] = i
    mine[1] = len(s) * 10 + s.shape[1]
    pair[1, 3] = mine[0] + c.ndim * 100 + c.size
    rows, columns = m.shape
    out[i] = pair[1, 3] + mine[1] + rows * columns + len(c) + c.shape[2]


def casts(out, a, m, c):
    i = cuda.grid(1)
    x = np.float32(a[i]) / np.float32(3)
    y = float32(a[i] / 3)
    n = int32(a[i] * 1.75) + numba.int64(2.5) + int(-1.5) + np.int64(i)
    out[i] = x + y + n + float(i) + bool(a[i]) + round(a[i] / 2)


def annotations(out: types.float64[:], a: "types.int64[:]", m, c) -> None:
    """Say types and purposes, which change nothing."""
    i: int = cuda.grid(1)
    total: float
    total = 0.0
    scale: float = 1.5
    "a string that stands for itself"
    assert i < 8
    assert a[i] >= 0, "the message"
    for _ in range(2):
        pass
    total += scale
    out[i] = total


def ternaries(out, a, m, c):
    i = cuda.grid(1)
    x = a[i] if a[i] % 2 else -a[i] if i > 4 else 0.5
    y = (i < 3 and a[i]) or 7
    out[i] = x + 10 * y + (100 if not i else 200) + (1000 if 1 < i <= a[i] else 0)


def three_dimensions(out, a, m, c):
    x, y, z = cuda.grid(3)
    width, height, depth = cuda.gridsize(3)
    if x < 8 and y == 0 and z == 0:
        out[x] = width + 100 * height + 1000 * depth + cuda.blockDim.x * cuda.gridDim.x


def two_dimensions(out, a, m, c):
    x, y = cuda.grid(2)
    tid = cuda.threadIdx
    block = cuda.blockIdx.x
    if y < 1:
        out[x] = m[x // 4, x % 4] + tid.x * 10 + block + y


def swaps(out, a, m, c):
    i = cuda.grid(1)
    x, y = a[i], i
    x, y = y, x + y
    p = (x, (y, 2))
    q = p + (5,)  # noqa: RUF005  (numba has no stars)
    (u, v), w = p[1], q[2]
    first = second = u + v
    out[i] = first * 100 + second + w + p[0] + len(q)


def tickets_and_marks(out, a, m, c):
    i = cuda.grid(1)
    t = cuda.threadIdx.x
    s = cuda.shared.array(2, numba.int64)
    if t < 2:
        s[t] = 10 * t
    cuda.syncthreads()
    mine = cuda.atomic.add(s, 0, 1)
    before = cuda.atomic.max(s, 1, 15)
    cuda.syncthreads()
    least = cuda.atomic.min(s, 1, 3)
    cuda.syncthreads()
    cuda.atomic.add(s, 0, mine)
    cuda.syncthreads()
    out[i] = s[0] + 100 * s[1] + (1000 if before in (10, 15) else 0) + (1 if least > 2 else 0)


def lanes(out, a, m, c):
    i = cuda.grid(1)
    out[i] = cuda.laneid + cuda.warpsize


def functions_inside(out, a, m, c):
    i = cuda.grid(1)
    shift = 3

    def moved(x):
        y = x + shift
        if y > 6:
            return y * 2
        return y

    square = lambda x: x * x  # noqa: E731  (students write it)
    if i > 2:
        shift = 1
    out[i] = moved(a[i]) + 100 * square(i + shift)
