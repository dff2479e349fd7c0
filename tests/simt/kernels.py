"""Kernels for the tests of `minigrade.simt`: read as text, never imported.

First right ones, then the same with a mistake planted in each. The comment
``# here`` marks the line that a finding must name.
"""

import math

import numba
from numba import cuda, float32, float64, int32

TPB = 8
WIDE = 32
PADDED = WIDE + 1
MAX_DIMS = 32


# ---- device functions, as students write them


@cuda.jit(device=True)
def to_index(ordinal, shape, out_index):
    rest = ordinal + 0
    for i in range(len(shape) - 1, -1, -1):
        side = shape[i]
        out_index[i] = int(rest % side)
        rest = rest // side


@cuda.jit(device=True)
def index_to_position(index, strides):
    position = 0
    for i in range(len(strides)):
        position += index[i] * strides[i]
    return position


@cuda.jit(device=True)
def broadcast_index(big_index, big_shape, shape, out_index):
    for i in range(len(shape)):
        if shape[i] > 1:
            out_index[i] = big_index[i + (len(big_shape) - len(shape))]
        else:
            out_index[i] = 0


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


# ---- right kernels


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


def shift(out, a, n):
    s = cuda.shared.array(TPB, numba.float64)
    t = cuda.threadIdx.x
    s[t] = a[t]
    cuda.syncthreads()
    left = s[t - 1] if t > 0 else 0.0
    cuda.syncthreads()
    s[t] += left
    cuda.syncthreads()
    out[t] = s[t]


def block_sum(out, a, size):
    cache = cuda.shared.array(TPB, numba.float64)
    i = cuda.grid(1)
    t = cuda.threadIdx.x
    cache[t] = a[i] if i < size else 0.0
    cuda.syncthreads()
    stride = 1
    while stride < TPB:
        if t % (2 * stride) == 0:
            cache[t] += cache[t + stride]
        cuda.syncthreads()
        stride *= 2
    if t == 0:
        out[cuda.blockIdx.x] = cache[0]


def halving_sum(out, a, size):
    cache = cuda.shared.array(TPB, float32)
    i = cuda.grid(1)
    t = cuda.threadIdx.x
    cache[t] = 0
    if i < size:
        cache[t] = a[i]
    cuda.syncthreads()
    half = TPB // 2
    while half > 0:
        if t < half:
            cache[t] = cache[t] + cache[t + half]
        cuda.syncthreads()
        half //= 2
    if t == 0:
        out[cuda.blockIdx.x] = cache[0]


def block_max(out, a, size):
    cache = cuda.shared.array(shape=(TPB,), dtype=numba.float64)
    i = cuda.grid(1)
    t = cuda.threadIdx.x
    cache[t] = -math.inf
    if i < size:
        cache[t] = a[i]
    cuda.syncthreads()
    for step in range(3):
        gap = 1 << step
        if t % (2 * gap) == 0:
            cache[t] = max(cache[t], cache[t + gap])
        cuda.syncthreads()
    if t == 0:
        out[cuda.blockIdx.x] = cache[0]


def atomic_sum(out, a, n):
    i = cuda.grid(1)
    if i < n:
        cuda.atomic.add(out, 0, a[i])


def histogram(out, a, n):
    i = cuda.grid(1)
    if i < n:
        cuda.atomic.add(out, a[i], 1)


def tickets(out, counter, n):
    """Each thread takes a number of its own."""
    i = cuda.grid(1)
    if i < n:
        out[cuda.atomic.add(counter, 0, 1)] = 1


def extremes(out, a, n):
    i = cuda.grid(1)
    if i < n:
        cuda.atomic.max(out, 0, a[i])
        cuda.atomic.min(out, 1, a[i])


def private(out, a, n):
    """Reverse four elements through local memory."""
    i = cuda.grid(1)
    if i < n // 4:
        mine = cuda.local.array(4, numba.float64)
        for k in range(4):
            mine[k] = a[4 * i + k]
        for k in range(4):
            out[4 * i + k] = mine[3 - k]


def late(out, a, n):
    """A variable that only some threads assign, and only they read."""
    i = cuda.grid(1)
    if i < n:
        value = a[i] * 3
    cuda.syncthreads()
    if i < n:
        out[i] = value


def stencil(out, a, n):
    tile = cuda.shared.array(TPB + 2, numba.float64)
    i = cuda.grid(1)
    t = cuda.threadIdx.x
    tile[t + 1] = a[i] if i < n else 0.0
    if t == 0:
        tile[0] = a[i - 1] if 0 < i <= n else 0.0
    if t == TPB - 1:
        tile[TPB + 1] = a[i + 1] if i + 1 < n else 0.0
    cuda.syncthreads()
    if i < n:
        out[i] = tile[t] + tile[t + 1] + tile[t + 2]


def math_mix(out, a, n):
    i = cuda.grid(1)
    if i < n:
        x = a[i]
        out[i] = math.exp(-abs(x)) + math.sqrt(x * x + 1.0) + math.tanh(x) + math.floor(x)


def naive_rows(out, a, b, n):
    i, j = cuda.grid(2)
    if i < n and j < n:
        acc = float32(0.0)
        for k in range(n):
            acc += a[i, k] * b[k, j]
        out[i, j] = acc


def naive_columns(out, a, b, n):
    j, i = cuda.grid(2)
    if i < n and j < n:
        acc = float32(0.0)
        for k in range(n):
            acc += a[i, k] * b[k, j]
        out[i, j] = acc


def tiled_rows(out, a, b, n):
    """MiniTorch's own layout: x counts rows."""
    sa = cuda.shared.array((TPB, TPB), numba.float32)
    sb = cuda.shared.array((TPB, TPB), numba.float32)
    i, j = cuda.grid(2)
    x, y = cuda.threadIdx.x, cuda.threadIdx.y
    acc = float32(0.0)
    for tile in range((n + TPB - 1) // TPB):
        sa[x, y] = a[i, tile * TPB + y] if i < n and tile * TPB + y < n else float32(0)
        sb[x, y] = b[tile * TPB + x, j] if j < n and tile * TPB + x < n else float32(0)
        cuda.syncthreads()
        for k in range(TPB):
            acc += sa[x, k] * sb[k, y]
        cuda.syncthreads()
    if i < n and j < n:
        out[i, j] = acc


def tiled_columns(out, a, b, n):
    sa = cuda.shared.array((TPB, TPB), numba.float32)
    sb = cuda.shared.array((TPB, TPB), numba.float32)
    j, i = cuda.grid(2)
    x, y = cuda.threadIdx.x, cuda.threadIdx.y
    acc = float32(0.0)
    for tile in range((n + TPB - 1) // TPB):
        sa[y, x] = a[i, tile * TPB + x] if i < n and tile * TPB + x < n else float32(0)
        sb[y, x] = b[tile * TPB + y, j] if j < n and tile * TPB + y < n else float32(0)
        cuda.syncthreads()
        for k in range(TPB):
            acc += sa[y, k] * sb[k, x]
        cuda.syncthreads()
    if i < n and j < n:
        out[i, j] = acc


def wide_rows(out, a, b, n):
    sa = cuda.shared.array((WIDE, WIDE), numba.float32)
    sb = cuda.shared.array((WIDE, WIDE), numba.float32)
    i, j = cuda.grid(2)
    x, y = cuda.threadIdx.x, cuda.threadIdx.y
    acc = float32(0.0)
    for tile in range((n + WIDE - 1) // WIDE):
        sa[x, y] = a[i, tile * WIDE + y] if i < n and tile * WIDE + y < n else float32(0)
        sb[x, y] = b[tile * WIDE + x, j] if j < n and tile * WIDE + x < n else float32(0)
        cuda.syncthreads()
        for k in range(WIDE):
            acc += sa[x, k] * sb[k, y]
        cuda.syncthreads()
    if i < n and j < n:
        out[i, j] = acc


def wide_columns(out, a, b, n):
    sa = cuda.shared.array((WIDE, WIDE), numba.float32)
    sb = cuda.shared.array((WIDE, WIDE), numba.float32)
    j, i = cuda.grid(2)
    x, y = cuda.threadIdx.x, cuda.threadIdx.y
    acc = float32(0.0)
    for tile in range((n + WIDE - 1) // WIDE):
        sa[y, x] = a[i, tile * WIDE + x] if i < n and tile * WIDE + x < n else float32(0)
        sb[y, x] = b[tile * WIDE + y, j] if j < n and tile * WIDE + y < n else float32(0)
        cuda.syncthreads()
        for k in range(WIDE):
            acc += sa[y, k] * sb[k, x]
        cuda.syncthreads()
    if i < n and j < n:
        out[i, j] = acc


def transpose_conflicts(out, a):
    tile = cuda.shared.array((WIDE, WIDE), numba.float32)
    x, y = cuda.threadIdx.x, cuda.threadIdx.y
    tile[y, x] = a[y, x]
    cuda.syncthreads()
    out[y, x] = tile[x, y]


def transpose_padded(out, a):
    tile = cuda.shared.array((WIDE, PADDED), numba.float32)
    x, y = cuda.threadIdx.x, cuda.threadIdx.y
    tile[y, x] = a[y, x]
    cuda.syncthreads()
    out[y, x] = tile[x, y]


def column_copy(out, a):
    x, y = cuda.threadIdx.x, cuda.threadIdx.y
    out[x, y] = a[x, y]


def tensor_map(fn):
    def _map(out, out_shape, out_strides, out_size, in_storage, in_shape, in_strides):
        out_index = cuda.local.array(MAX_DIMS, numba.int32)
        in_index = cuda.local.array(MAX_DIMS, numba.int32)
        i = cuda.blockIdx.x * cuda.blockDim.x + cuda.threadIdx.x
        if i < out_size:
            to_index(i, out_shape, out_index)
            broadcast_index(out_index, out_shape, in_shape, in_index)
            o = index_to_position(out_index, out_strides)
            j = index_to_position(in_index, in_strides)
            out[o] = fn(in_storage[j])

    return cuda.jit()(_map)


def tensor_zip(fn):
    def _zip(out, out_shape, out_strides, out_size, a, a_shape, a_strides, b, b_shape, b_strides):
        out_index = cuda.local.array(MAX_DIMS, numba.int32)
        index = cuda.local.array(MAX_DIMS, numba.int32)
        i = cuda.blockIdx.x * cuda.blockDim.x + cuda.threadIdx.x
        if i < out_size:
            to_index(i, out_shape, out_index)
            o = index_to_position(out_index, out_strides)
            broadcast_index(out_index, out_shape, a_shape, index)
            left = index_to_position(index, a_strides)
            broadcast_index(out_index, out_shape, b_shape, index)
            right = index_to_position(index, b_strides)
            out[o] = fn(a[left], b[right])

    return cuda.jit()(_zip)


def tensor_reduce(fn, start):
    def _reduce(out, out_shape, out_strides, out_size, a, a_shape, a_strides, dim):
        cache = cuda.shared.array(TPB, numba.float64)
        out_index = cuda.local.array(MAX_DIMS, numba.int32)
        o, pos = cuda.blockIdx.x, cuda.threadIdx.x
        to_index(o, out_shape, out_index)
        cell = index_to_position(out_index, out_strides)
        if pos < a_shape[dim]:
            out_index[dim] = pos
            cache[pos] = a[index_to_position(out_index, a_strides)]
        else:
            cache[pos] = start
        cuda.syncthreads()
        gap = 1
        while gap < TPB:
            if pos % (2 * gap) == 0:
                cache[pos] = fn(cache[pos], cache[pos + gap])
            cuda.syncthreads()
            gap = gap * 2
        if pos == 0:
            out[cell] = cache[0]

    return cuda.jit()(_reduce)


def square(x):
    return x * x


def add(x, y):
    return x + y


negate, halve = lambda x: -x, lambda x: x / 2


# ---- mistakes


def tiled_no_first_sync(out, a, b, n):
    sa = cuda.shared.array((TPB, TPB), numba.float32)
    sb = cuda.shared.array((TPB, TPB), numba.float32)
    i, j = cuda.grid(2)
    x, y = cuda.threadIdx.x, cuda.threadIdx.y
    acc = float32(0.0)
    for tile in range((n + TPB - 1) // TPB):
        sa[x, y] = a[i, tile * TPB + y] if i < n and tile * TPB + y < n else float32(0)
        sb[x, y] = b[tile * TPB + x, j] if j < n and tile * TPB + x < n else float32(0)
        for k in range(TPB):
            acc += sa[x, k] * sb[k, y]  # here
        cuda.syncthreads()
    if i < n and j < n:
        out[i, j] = acc


def tiled_no_second_sync(out, a, b, n):
    sa = cuda.shared.array((TPB, TPB), numba.float32)
    sb = cuda.shared.array((TPB, TPB), numba.float32)
    i, j = cuda.grid(2)
    x, y = cuda.threadIdx.x, cuda.threadIdx.y
    acc = float32(0.0)
    for tile in range((n + TPB - 1) // TPB):
        sa[x, y] = a[i, tile * TPB + y] if i < n and tile * TPB + y < n else float32(0)  # here
        sb[x, y] = b[tile * TPB + x, j] if j < n and tile * TPB + x < n else float32(0)
        cuda.syncthreads()
        for k in range(TPB):
            acc += sa[x, k] * sb[k, y]
    if i < n and j < n:
        out[i, j] = acc


def tiled_early_return(out, a, b, n):
    sa = cuda.shared.array((TPB, TPB), numba.float32)
    sb = cuda.shared.array((TPB, TPB), numba.float32)
    i, j = cuda.grid(2)
    x, y = cuda.threadIdx.x, cuda.threadIdx.y
    if i >= n or j >= n:
        return
    acc = float32(0.0)
    for tile in range((n + TPB - 1) // TPB):
        sa[x, y] = a[i, tile * TPB + y] if tile * TPB + y < n else float32(0)
        sb[x, y] = b[tile * TPB + x, j] if tile * TPB + x < n else float32(0)
        cuda.syncthreads()  # here
        for k in range(TPB):
            acc += sa[x, k] * sb[k, y]
        cuda.syncthreads()
    out[i, j] = acc


def tiled_no_padding(out, a, b, n):
    sa = cuda.shared.array((TPB, TPB), numba.float32)
    sb = cuda.shared.array((TPB, TPB), numba.float32)
    i, j = cuda.grid(2)
    x, y = cuda.threadIdx.x, cuda.threadIdx.y
    acc = float32(0.0)
    for tile in range((n + TPB - 1) // TPB):
        if i < n and tile * TPB + y < n:
            sa[x, y] = a[i, tile * TPB + y]
        if j < n and tile * TPB + x < n:
            sb[x, y] = b[tile * TPB + x, j]
        cuda.syncthreads()
        for k in range(TPB):
            acc += sa[x, k] * sb[k, y]  # here
        cuda.syncthreads()
    if i < n and j < n:
        out[i, j] = acc


def sum_no_sync_in_loop(out, a, size):
    cache = cuda.shared.array(TPB, numba.float64)
    i = cuda.grid(1)
    t = cuda.threadIdx.x
    cache[t] = a[i] if i < size else 0.0
    cuda.syncthreads()
    stride = 1
    while stride < TPB:
        if t % (2 * stride) == 0:
            cache[t] += cache[t + stride]  # here
        stride *= 2
    if t == 0:
        out[cuda.blockIdx.x] = cache[0]


def sum_no_first_sync(out, a, size):
    cache = cuda.shared.array(TPB, numba.float64)
    i = cuda.grid(1)
    t = cuda.threadIdx.x
    cache[t] = a[i] if i < size else 0.0
    stride = 1
    while stride < TPB:
        if t % (2 * stride) == 0:
            cache[t] += cache[t + stride]  # here
        cuda.syncthreads()
        stride *= 2
    if t == 0:
        out[cuda.blockIdx.x] = cache[0]


def sum_no_identity(out, a, size):
    cache = cuda.shared.array(TPB, numba.float64)
    i = cuda.grid(1)
    t = cuda.threadIdx.x
    if i < size:
        cache[t] = a[i]
    cuda.syncthreads()
    stride = 1
    while stride < TPB:
        if t % (2 * stride) == 0:
            cache[t] += cache[t + stride]  # here
        cuda.syncthreads()
        stride *= 2
    if t == 0:
        out[cuda.blockIdx.x] = cache[0]


def sum_all_write(out, a, size):
    cache = cuda.shared.array(TPB, numba.float64)
    i = cuda.grid(1)
    t = cuda.threadIdx.x
    cache[t] = a[i] if i < size else 0.0
    cuda.syncthreads()
    stride = 1
    while stride < TPB:
        if t % (2 * stride) == 0:
            cache[t] += cache[t + stride]
        cuda.syncthreads()
        stride *= 2
    out[cuda.blockIdx.x] = cache[0]  # here


def shift_no_sync(out, a, n):
    s = cuda.shared.array(TPB, numba.float64)
    t = cuda.threadIdx.x
    s[t] = a[t]
    cuda.syncthreads()
    if t > 0:
        s[t] = s[t] + s[t - 1]  # here
    cuda.syncthreads()
    out[t] = s[t]


def plain_sum(out, a, n):
    i = cuda.grid(1)
    if i < n:
        out[0] += a[i]  # here


def mixed_sum(out, a, n):
    i = cuda.grid(1)
    if i == 0:
        out[0] = 0.0
    if i < n:
        cuda.atomic.add(out, 0, a[i])  # here


def divergent_barrier(out, a, n):
    t = cuda.threadIdx.x
    if t < TPB // 2:
        cuda.syncthreads()  # here
    out[t] = a[t]


def ragged_barrier(out, a, n):
    t = cuda.threadIdx.x
    for _ in range(t):
        cuda.syncthreads()  # here
    out[t] = a[t]


def off_by_one(out, a, n):
    i = cuda.grid(1)
    if i <= n:
        out[i] = a[i]  # here


def wraps_around(out, a, n):
    i = cuda.grid(1)
    if i < n:
        out[i] = a[i - 1]  # here


def leaves_the_last(out, a, n):
    i = cuda.grid(1)
    if i < n - 1:
        out[i] = a[i]  # here


def reads_unassigned(out, a, n):
    i = cuda.grid(1)
    if i > 0:
        value = a[i % n]
    if i < n:
        out[i] = value  # here


def overlapping_blocks(out, a, n):
    t = cuda.threadIdx.x
    out[t] = a[cuda.grid(1) % n]  # here


def reads_neighbour_block(out, a, n):
    i = cuda.grid(1)
    a[i] = 1.0
    cuda.syncthreads()
    out[i] = a[(i + TPB) % n]  # here


def fixed(out, a, n):
    i = cuda.grid(1)
    if i < n:
        out[i] = int32(a[i]) + float64(0.5)
