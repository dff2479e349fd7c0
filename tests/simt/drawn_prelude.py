"""What drawn kernels call; read as text, with another `TPB`."""

from numba import cuda, float32, float64, int64  # noqa: F401  (for the kernels)

TPB = 8


@cuda.jit(device=True)
def pick(x, y):
    if x < y:
        return y - x
    return x


@cuda.jit(device=True)
def order(x, y):
    if x < y:
        return y - x, x
    if x == y:
        return x, y
    return y, x - y


@cuda.jit(device=True)
def above(a, n, low):
    for j in range(n):
        if a[j] > low:
            return j, a[j]
        if a[j] == low:
            break
    while n > 1:
        n -= 1
        if a[n] < low:
            return n, low
    return 0, a[0]


def total(values, weights):
    result = 0.0
    for value, weight in zip(values, weights):  # noqa: B905
        if weight > 4:
            continue
        if weight == 4:
            return result, weight
        result += value
    return result, 0
