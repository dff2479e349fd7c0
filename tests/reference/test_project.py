"""The reference's training scripts, run as students run them, and what they share."""

from __future__ import annotations

import gzip
import os
import random
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

Script = Callable[[str], ModuleType]

# Scripts compile the same kernels again and again: let them be kept between processes.
WITH_KERNELS_KEPT = """
import pathlib, runpy, sys
from minigrade.kernel_cache import use
use(pathlib.Path(sys.argv.pop(1)), writable=True)
sys.path[0] = "project"
sys.argv = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name="__main__")
"""


@pytest.fixture(scope="module")
def execute(reference: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., list[str]]:
    kernels = tmp_path_factory.mktemp("kernels")

    def run(script: str, *arguments: str | Path) -> list[str]:
        done = subprocess.run(
            [sys.executable, "-c", WITH_KERNELS_KEPT, kernels, f"project/{script}.py", *arguments],
            cwd=reference,
            env=os.environ | {"PYTHONPATH": str(reference), "PYTHONDONTWRITEBYTECODE": "1"},
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert done.stderr == ""
        return done.stdout.splitlines()

    return run


@pytest.fixture(scope="session")
def embedded(checkout: Path) -> Path:
    return checkout / "harness" / "minigrade" / "data"


def without_times(lines: list[str]) -> list[str]:
    return [line.partition("  (")[0].partition(" (")[0] for line in lines]


@pytest.mark.parametrize("name", ["run_tensor", "run_fast_tensor"])
@pytest.mark.slow
def test_tensor_scripts_learn(execute: Callable[..., list[str]], name: str) -> None:
    lines = execute(name, "--DATASET", "simple", "--HIDDEN", "6", "--EPOCHS", "60",
                    "--PTS", "30", "--SEED", "3", "--RATE", "0.5")  # fmt: skip
    log = [line.split() for line in lines if line.startswith("Epoch")]
    assert [int(words[1]) for words in log] == [10, 20, 30, 40, 50, 60]
    assert float(log[-1][3]) < float(log[0][3])
    assert int(log[-1][5]) >= 25
    assert lines[-1].startswith("Time per epoch: ")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "flags"),
    [
        ("run_mnist_multiclass", ["--TRAIN", "96", "--VALID", "32"]),
        ("run_mnist_mlp", ["--TRAIN", "96", "--VALID", "32"]),
        ("run_sentiment", ["--TRAIN", "40", "--VALID", "20", "--MAPS", "8"]),
    ],
)
def test_going_on_equals_going_through(
    execute: Callable[..., list[str]], embedded: Path, tmp_path: Path, name: str, flags: list[str]
) -> None:
    common = (*flags, "--DATA", embedded, "--SEED", "5")
    through = execute(name, *common, "--EPOCHS", "2", "--CURVE", tmp_path / "curve.svg")
    saved = ("--CHECKPOINT", tmp_path / "saved.npz")
    first = execute(name, *common, "--EPOCHS", "1", *saved)
    second = execute(name, *common, "--EPOCHS", "2", *saved)
    # Weights, dropout masks and order: all come from the checkpoint, to the last bit.
    assert without_times(second[2:]) == without_times(through[len(first) :])
    assert second[1] == f"Going on after epoch 1 from {tmp_path / 'saved.npz'}"
    picture = ET.parse(tmp_path / "curve.svg").getroot()
    assert picture.tag.endswith("svg")


def test_digits_in_both_forms(script: Script, embedded: Path, tmp_path: Path) -> None:
    corpora = script("corpora")
    compact = corpora.digits(embedded)
    for part, digits in zip(("train", "t10k"), compact, strict=True):
        for kind, array in (("images-idx3", digits.images), ("labels-idx1", digits.labels)):
            header = np.array([0x800 + array.ndim, *array.shape], ">u4").tobytes()
            with gzip.open(tmp_path / f"{part}-{kind}-ubyte.gz", "wb", 1) as file:
                file.write(header + array.tobytes())
    for found, expected in zip(corpora.digits(tmp_path), compact, strict=True):
        assert np.array_equal(found.images, expected.images)
        assert np.array_equal(found.labels, expected.labels)


def test_sentences_in_both_forms(script: Script, embedded: Path, tmp_path: Path) -> None:
    corpora = script("corpora")
    for name, sentences in zip(("train", "dev"), corpora.sentences(embedded), strict=True):
        rows = zip(sentences.words, sentences.labels, strict=True)
        text = "".join(f"{' '.join(words)}\t{label}\n" for words, label in rows)
        (tmp_path / f"{name}.tsv").write_text("sentence\tlabel\n" + text, encoding="utf-8")
    for found, expected in zip(
        corpora.sentences(tmp_path), corpora.sentences(embedded), strict=True
    ):
        assert found.words == expected.words
        assert np.array_equal(found.labels, expected.labels)


def test_vectors_in_both_forms(script: Script, embedded: Path, tmp_path: Path) -> None:
    corpora = script("corpora")
    words, vectors = corpora.vectors(embedded)
    lines = (" ".join([word, *map(str, row)]) for word, row in zip(words, vectors, strict=True))
    (tmp_path / "glove.6B.50d.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    found, numbers = corpora.vectors(tmp_path)
    assert found == words
    assert np.array_equal(numbers, vectors)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "no file train-images-idx3-ubyte here"),
        (b"\0\0\x08\x01" + bytes(12), "no IDX file of 3 dimensions"),
        (b"\0\0\x08\x03", "no IDX file of 3 dimensions"),
        (
            b"\0\0\x08\x03" + b"\0\0\0\x02" * 3 + bytes(7),
            "7 bytes after the header, expected 2x2x2",
        ),
    ],
)
def test_damaged_digits(
    script: Script, tmp_path: Path, content: bytes | None, message: str
) -> None:
    if content is not None:
        (tmp_path / "train-images-idx3-ubyte").write_bytes(content)
    with pytest.raises(SystemExit, match=message):
        script("corpora").digits(tmp_path)


def test_damaged_gzip_and_label(script: Script, tmp_path: Path) -> None:
    corpora = script("corpora")
    (tmp_path / "sentiment.tsv.gz").write_bytes(b"no gzip")
    with pytest.raises(SystemExit, match="cannot be read"):
        corpora.sentences(tmp_path)
    (tmp_path / "sentiment.tsv.gz").write_bytes(gzip.compress(b"train\t2\ta word\n"))
    with pytest.raises(SystemExit, match="sentence 1 has the label '2'"):
        corpora.sentences(tmp_path)


@pytest.fixture
def model(mt: Any) -> Any:
    class Model(mt.Module):  # type: ignore[name-defined,misc]
        def __init__(self) -> None:
            super().__init__()
            self.w = mt.Parameter(mt.tensor([[1.0, 2.0], [3.0, 4.0]]))

    return Model()


def test_checkpoint_restores_everything(
    script: Script, mt: Any, model: Any, tmp_path: Path
) -> None:
    lab = script("lab")
    run = lab.Run()
    run.record(loss=2.5, accuracy=0.25)
    run.record(loss=1.5, accuracy=0.5)
    random.seed(9)
    random.gauss(0, 1)  # leaves a second number behind, which is part of the state
    run.save(tmp_path / "saved.npz", model)
    drawn = [random.random(), random.gauss(0, 1)]
    model.w.update(mt.zeros((2, 2)))
    again = lab.Run.resume(tmp_path / "saved.npz", model)
    assert again == run
    assert [random.random(), random.gauss(0, 1)] == drawn
    assert model.w.value.to_numpy().tolist() == [[1.0, 2.0], [3.0, 4.0]]
    assert list(tmp_path.iterdir()) == [tmp_path / "saved.npz"]


def test_checkpoint_of_another_model(script: Script, mt: Any, model: Any, tmp_path: Path) -> None:
    lab = script("lab")
    lab.Run().save(tmp_path / "saved.npz", model)
    model.w.update(mt.zeros((3, 2)))
    with pytest.raises(SystemExit, match="cannot go on from this checkpoint"):
        lab.Run.resume(tmp_path / "saved.npz", model)
    (tmp_path / "saved.npz").write_bytes(b"PK")
    with pytest.raises(SystemExit, match="cannot go on from this checkpoint"):
        lab.Run.resume(tmp_path / "saved.npz", model)


@pytest.mark.parametrize("values", [[], [1.0], [2.0, 2.0], [3.0, float("nan"), 1.0]])
def test_curves_are_drawn_whatever_they_are(script: Script, values: list[float]) -> None:
    picture = ET.fromstring(script("lab").draw({"loss": values, "accuracy": [0.5]}))
    points = [line.get("points", "") for line in picture.iter() if line.tag.endswith("polyline")]
    assert len(points[0].split()) == sum(np.isfinite(values))
    assert "nan" not in points[0]


def test_progress_yields_all(script: Script, capsys: pytest.CaptureFixture[str]) -> None:
    assert list(script("lab").progress([1, 2, 3], "Epoch 1")) == [1, 2, 3]
    assert capsys.readouterr().err == ""  # no terminal, no bar
