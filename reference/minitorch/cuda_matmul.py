"""Matrix products on a GPU: one output a thread, and 64 outputs a thread.

The product of two 4096 x 4096 matrices reads each number 4,096 times. What makes a
kernel fast is where from: global memory is slow, the shared memory of a block is fast,
and a thread's own registers are faster still.

Source: https://minitorch.github.io/module3/cuda/
"""

from __future__ import annotations

from typing import Any

from numba import cuda

from .cuda_launch import Blocks, Launch, ceil_div, device_jit, jit, on_device
from .tensor_data import Shape, Storage, Strides, TensorData

TILE = 32
PADDED = TILE + 1
MAX_BATCH_BLOCKS = 65_535


def _tensor_matrix_multiply(
    out: Storage,
    out_shape: Shape,
    out_strides: Strides,
    out_size: int,
    a_storage: Storage,
    a_shape: Shape,
    a_strides: Strides,
    b_storage: Storage,
    b_shape: Shape,
    b_strides: Strides,
) -> None:
    """Multiply matrices in tiles of 32 x 32: a block makes a tile, a thread an output.

    ::

                         b  ┌───┬───┬───┐
                            │   │ 1 │   │     the block of the tile x reads tile 1 of
                            ├───┼───┼───┤     a and of b into shared memory, and each
                            │   │ 2 │   │     thread adds up 32 products; then tiles 2,
            a               └───┴───┴───┘     then 3, …
          ┌───┬───┬───┐ out ┌───┬───┬───┐
          │ 1 │ 2 │ 3 │     │   │ x │   │
          └───┴───┴───┘     └───┴───┴───┘

    So a thread reads 2 numbers of global memory for 32 products, and not 64. It is
    launched with blocks of 32 x 32 threads: see `product_launch`.

    Args:
        out: the storage of the products, three-dimensional: matrices, rows, columns.
        out_shape: their shape.
        out_strides: their strides.
        out_size: how many numbers they have together.
        a_storage: the storage of the matrices on the left.
        a_shape: their shape. A first dimension of 1 is repeated.
        a_strides: their strides.
        b_storage: the storage of the matrices on the right.
        b_shape: their shape.
        b_strides: their strides.
    """
    # The extra column puts the numbers of a column into different banks.
    a_tile = cuda.shared.array((TILE, PADDED), a_storage.dtype)
    b_tile = cuda.shared.array((TILE, PADDED), b_storage.dtype)
    # A negative index would count from the end. That these are none must be plain to the
    # compiler, or it asks each time: & TILE - 1 changes nothing, and shows it.
    x, y = cuda.threadIdx.x & (TILE - 1), cuda.threadIdx.y & (TILE - 1)
    top, left = cuda.blockIdx.x * TILE, cuda.blockIdx.y * TILE
    # SOLUTION 3.4
    total = cuda.local.array(1, out.dtype)  # float32 stays float32: the literal 0.0 is float64
    rows, columns, depth = out_shape[1], out_shape[2], a_shape[2]
    a_batch_stride = a_strides[0] if a_shape[0] > 1 else 0
    b_batch_stride = b_strides[0] if b_shape[0] > 1 else 0
    for batch in range(cuda.blockIdx.z, out_shape[0], cuda.gridDim.z):
        total[0] = 0
        for k in range(0, depth, TILE):
            load_tile(
                a_tile, a_storage, batch * a_batch_stride,
                top, rows, a_strides[1], k, depth, a_strides[2],
            )  # fmt: skip
            load_tile(
                b_tile, b_storage, batch * b_batch_stride,
                k, depth, b_strides[1], left, columns, b_strides[2],
            )  # fmt: skip
            cuda.syncthreads()
            for each in range(TILE):
                i = each & (TILE - 1)
                total[0] += a_tile[y, i] * b_tile[i, x]
            cuda.syncthreads()
        if top + y < rows and left + x < columns:
            to = batch * out_strides[0] + (top + y) * out_strides[1] + (left + x) * out_strides[2]
            out[to] = total[0]
    # END SOLUTION


# SOLUTION 3.4
@device_jit
def load_tile(
    tile: Any, storage: Storage, origin: int,
    top: int, rows: int, row_stride: int, left: int, columns: int, column_stride: int,
) -> None:  # fmt: skip
    """Read a tile of a matrix, one number a thread, and zeros where the matrix ends.

    Threads with neighbouring `x` take neighbours in memory: those of a row, or in a
    transposed matrix those of a column.
    """
    row, column = cuda.threadIdx.y & (TILE - 1), cuda.threadIdx.x & (TILE - 1)
    if column_stride > row_stride:
        row, column = column, row
    if top + row < rows and left + column < columns:
        place = origin + (top + row) * row_stride + (left + column) * column_stride
        tile[row, column] = storage[place]
    else:
        tile[row, column] = 0


# END SOLUTION

tensor_matrix_multiply = jit(_tensor_matrix_multiply)


class Product:
    """A kernel for matrix products, and how it is launched.

    Args:
        kernel: the kernel.
        tile: rows, and columns, of the outputs that a block makes.
        block: its threads.
        least: outputs of a matrix from which on it is the best.
    """

    def __init__(self, kernel: Any, tile: int, block: Blocks, least: int) -> None:
        self.kernel, self.tile, self.block, self.least = kernel, tile, block, least

    def launch(self, batch: int, rows: int, columns: int) -> Launch:
        """Return the launch for some matrices of one size.

        As in the course, blockIdx.x counts the tiles from top to bottom, blockIdx.y from
        left to right, and blockIdx.z counts the matrices.
        """
        grid = (
            ceil_div(rows, self.tile), ceil_div(columns, self.tile), min(batch, MAX_BATCH_BLOCKS)
        )  # fmt: skip
        return Launch(grid, self.block)


PRODUCTS = [Product(tensor_matrix_multiply, TILE, (TILE, TILE, 1), 0)]


def best_product(rows: int, columns: int) -> Product:
    """Return the kernel for matrices of a size."""
    return [each for each in PRODUCTS if each.least <= rows * columns][-1]


def multiply(out: TensorData, a: TensorData, b: TensorData) -> None:
    """Multiply the matrices `a` and `b`, which have three dimensions as `out` has."""
    batch, rows, columns = out.shape
    product = best_product(rows, columns)
    grid, block = product.launch(batch, rows, columns)
    out_args, a_args, b_args = (
        (t._storage, on_device(t.shape), on_device(t.strides)) for t in (out, a, b)
    )
    product.kernel[grid, block](*out_args, out.size, *a_args, *b_args)


def as_matrices(t: TensorData) -> TensorData:
    """Return a matrix, or contiguous tensor of matrices, as a row of matrices."""
    if t.dims == 2:
        return TensorData(t._storage, (1, *t.shape), (t.size, *t.strides))
    if t.dims == 3:
        return t
    batch = 1
    for side in t.shape[:-2]:
        batch *= side
    return TensorData(t._storage, (batch, *t.shape[-2:]))


# SOLUTION 3.4
DEPTH = 8
SPAN = 8


def register_tiled(side: int) -> Any:
    """Return a kernel whose threads make 8 x 8 outputs each, in registers.

    A thread of the kernel above reads 2 numbers of shared memory for each product. One
    that makes 8 x 8 outputs reads 8 + 8 numbers for 64 products::

                     b  1 2 3 4 5 6 7 8       one step along the depth: 8 numbers of
            a   1       * * * * * * * *       a column of a, 8 of a row of b,
                2       * * * * * * * *       and all their products
                …
                8       * * * * * * * *

    A block of n x n threads makes a square of 8n x 8n outputs, eight steps along the
    depth at a time. The outputs of a thread are n rows and n columns apart, so that
    neighbouring threads read neighbours in shared memory and write neighbours.

    Args:
        side: threads along each side of a block: 8 or 16.
    """
    threads, tile = side * side, SPAN * side
    # Two more than a multiple of 32, for threads that write a column at a time.
    padded = tile + 2

    @device_jit
    def load_panel(
        panel: Any, storage: Storage, origin: int,
        start: int, length: int, stride: int, k: int, depth: int, depth_stride: int,
    ) -> None:  # fmt: skip
        """Read 8 steps of the depth, of a tile of rows of a or of columns of b."""
        thread = (cuda.threadIdx.y * side + cuda.threadIdx.x) & (threads - 1)
        # Neighbouring threads take neighbours in memory.
        along, step, next_along, next_step = thread % tile, thread // tile, 0, threads // tile
        if depth_stride < stride:
            along, step = thread // DEPTH, thread % DEPTH
            next_along, next_step = threads // DEPTH, 0
        for _ in range(DEPTH * tile // threads):
            if start + along < length and k + step < depth:
                place = origin + (start + along) * stride + (k + step) * depth_stride
                panel[step, along] = storage[place]
            else:
                panel[step, along] = 0
            along += next_along
            step += next_step

    def _register_tiled(
        out: Storage,
        out_shape: Shape,
        out_strides: Strides,
        out_size: int,
        a_storage: Storage,
        a_shape: Shape,
        a_strides: Strides,
        b_storage: Storage,
        b_shape: Shape,
        b_strides: Strides,
    ) -> None:
        a_panel = cuda.shared.array((DEPTH, padded), a_storage.dtype)
        b_panel = cuda.shared.array((DEPTH, padded), b_storage.dtype)
        total = cuda.local.array((SPAN, SPAN), out.dtype)
        a_part = cuda.local.array(SPAN, a_storage.dtype)
        top, left = cuda.blockIdx.x * tile, cuda.blockIdx.y * tile
        x, y = cuda.threadIdx.x & (side - 1), cuda.threadIdx.y & (side - 1)
        rows, columns, depth = out_shape[1], out_shape[2], a_shape[2]
        a_batch_stride = a_strides[0] if a_shape[0] > 1 else 0
        b_batch_stride = b_strides[0] if b_shape[0] > 1 else 0
        for batch in range(cuda.blockIdx.z, out_shape[0], cuda.gridDim.z):
            for i in range(SPAN):
                for j in range(SPAN):
                    total[i, j] = 0
            for k in range(0, depth, DEPTH):
                load_panel(
                    a_panel, a_storage, batch * a_batch_stride,
                    top, rows, a_strides[1], k, depth, a_strides[2],
                )  # fmt: skip
                load_panel(
                    b_panel, b_storage, batch * b_batch_stride,
                    left, columns, b_strides[2], k, depth, b_strides[1],
                )  # fmt: skip
                cuda.syncthreads()
                for each in range(DEPTH):
                    step = each & (DEPTH - 1)
                    for i in range(SPAN):
                        a_part[i] = a_panel[step, y + i * side]
                    for j in range(SPAN):
                        b_number = b_panel[step, x + j * side]
                        for i in range(SPAN):
                            total[i, j] += a_part[i] * b_number
                cuda.syncthreads()
            for i in range(SPAN):
                for j in range(SPAN):
                    row, column = top + y + i * side, left + x + j * side
                    if row < rows and column < columns:
                        to = batch * out_strides[0] + row * out_strides[1] + column * out_strides[2]
                        out[to] = total[i, j]

    return jit(_register_tiled, threads)


PRODUCTS += [
    Product(register_tiled(8), 64, (8, 8, 1), 128 * 128),
    Product(register_tiled(16), 128, (16, 16, 1), 2048 * 2048),
]
# END SOLUTION
