"""Task 4.6, hidden: large tables, and words that come again, in one lookup and in the next."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrade import Case, Minitorch, property_check
from minigrade.authoring.tensors import Bytes, Cases, drawn, steps
from minigrade.probing import gradient, mend_views, tensor, values

from ..oracles import arranged


def texts() -> Cases:
    """Draw a ``table`` of many rows and how it lies, and ``words`` of few rows of it, twice."""

    def make(source: Bytes) -> dict[str, Any]:
        rows, width = 8 + source.below(25), 1 + source.below(5)
        known = [source.below(rows) for _ in range(4)]
        words = [
            np.array([[float(known[source.below(4)]) for _ in range(length)] for _ in range(batch)])
            for batch, length in (
                (1 + source.below(3), 1 + source.below(4)),
                (1 + source.below(2), 1 + source.below(3)),
            )
        ]
        return {
            "table": source.numbers([rows, width], steps(-30, 30)),
            "order": source.order(2),
            "words": words,
            "d": [source.numbers([*some.shape, width], steps(-9, 9)) for some in words],
        }

    return drawn(make, 40)


def expect_summed(
    table: np.ndarray,
    order: list[int],  # noqa: ARG001
    words: list[np.ndarray],
    d: list[np.ndarray],
) -> dict[str, Any]:
    """Return the vectors of all words, what each row gets of both `d`, and later vectors."""
    places, grad = [some.astype(int) for some in words], np.zeros_like(table)
    for some, slopes in zip(places, d, strict=True):
        np.add.at(grad, some, slopes)
    return {
        "found": [table[some] for some in places],
        "grad": grad,
        "table": table,
        "later": -table[places[0]],
    }


AGAIN = [np.array([[11.0, 0.0, 11.0], [11.0, 9.0, 0.0]]), np.array([[9.0, 11.0]])]


@property_check(
    cases=texts(),
    examples=(
        Case(
            table=arranged(12, 3),
            order=[1, 0],
            words=AGAIN,
            d=[arranged(2, 3, 3), arranged(1, 2, 3)],
        ),
    ),
    expect=expect_summed,
    count=25,
    jit=False,
)
def adds_up_what_words_get(
    mt: Minitorch,
    table: np.ndarray,
    order: list[int],
    words: list[np.ndarray],
    d: list[np.ndarray],
) -> Any:
    """A row of `Embedding` gets the sum of the derivatives of its word, wherever it stands."""
    mend_views(mt)
    layer = mt.nn.Embedding(*table.shape)
    [parameter] = layer.parameters()
    parameter.update(tensor(mt, table, order))
    found = [layer.forward(tensor(mt, some, constant=True)) for some in words]
    for vectors, slopes in zip(found, d, strict=True):
        vectors.backward(tensor(mt, slopes, constant=True))
    seen = {
        "found": [values(vectors) for vectors in found],
        "grad": gradient(parameter.value),
        "table": values(parameter.value),
    }
    parameter.update(tensor(mt, -table))  # as a step of an optimizer does
    later = layer.forward(tensor(mt, words[0], constant=True))
    return {**seen, "later": values(later)}
