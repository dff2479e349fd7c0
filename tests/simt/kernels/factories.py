"""Factories of kernels, as in MiniTorch, and functions to give them.

Read as text; imported by numba's simulator only.
"""

import numba
from numba import cuda

TPB = 8
MAX_DIMS = 32


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
