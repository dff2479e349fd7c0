"""Task 4.6, extra credit: vectors for words.

Write, if you like, a module ``Embedding(num_embeddings, embedding_dim)`` in
``minitorch/nn.py``. It has one parameter, a table of shape (num_embeddings, embedding_dim)
with a row for each word. Words are numbers, counted from 0. ``forward`` takes them in a tensor
of one dimension or of two, such as (batch, length), as floats, and gives their rows in a
tensor of one dimension more, (batch, length, embedding_dim). Each row gets the derivatives of
all places where its word stands. What is not there is not asked, and costs nothing.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrade import Case, Minitorch, Task, property_check
from minigrade.authoring.tensors import Bytes, Cases, drawn, steps
from minigrade.probing import gradient, mend_views, tensor, values

from .oracles import arranged

TASK = Task(
    "4.6",
    title="Embedding",
    points=5,
    hidden_points=2,
    files=("minitorch/nn.py",),
    extra_credit=True,
)


def lookups() -> Cases:
    """Draw a ``table``, ``words``, one or two dimensions of them, and an upstream ``d``."""

    def make(source: Bytes) -> dict[str, Any]:
        rows, width = 1 + source.below(6), 1 + source.below(4)
        shape = [1 + source.below(4) for _ in range(1 + source.below(2))]
        words = np.array([source.below(rows) for _ in range(int(np.prod(shape)))], float)
        return {
            "table": source.numbers([rows, width], steps(-5, 5)),
            "words": words.reshape(shape),
            "d": source.numbers([*shape, width], steps(-3, 3)),
        }

    return drawn(make, 24)


def expect_found(table: np.ndarray, words: np.ndarray, d: np.ndarray) -> dict[str, Any]:
    """Return the vectors of words, and what each row of the table gets of `d`."""
    grad = np.zeros_like(table)
    np.add.at(grad, words.astype(int), d)
    return {"shapes": [list(table.shape)], "found": table[words.astype(int)], "grad": grad}


@property_check(
    cases=lookups(),
    examples=(
        Case(table=arranged(3, 2), words=np.array([[2.0, 0.0], [2.0, 1.0]]), d=arranged(2, 2, 2)),
        Case(table=arranged(4, 3), words=np.array([3.0]), d=arranged(1, 3)),
    ),
    expect=expect_found,
    count=50,
    jit=False,
)
def looks_words_up(mt: Minitorch, table: np.ndarray, words: np.ndarray, d: np.ndarray) -> Any:
    """`Embedding` finds the vectors of words, and its table gets their derivatives."""
    mend_views(mt)
    layer = mt.nn.Embedding(*table.shape)
    shapes = [list(parameter.value.shape) for parameter in layer.parameters()]
    for parameter in layer.parameters():
        parameter.update(tensor(mt, table))
    found = layer.forward(tensor(mt, words, constant=True))
    found.backward(tensor(mt, d, constant=True))
    grads = [gradient(parameter.value) for parameter in layer.parameters()]
    return {"shapes": shapes, "found": values(found), "grad": grads[0]}
