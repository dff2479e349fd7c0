"""Data of a folder or the cache: used if right, and an error that names the file if not."""

from __future__ import annotations

import gzip
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from minigrade.data import catalog, formats, load_mnist, load_sentences, load_vectors, sources
from minigrade.errors import DataError

Contents = dict[str, bytes]
Lay = Callable[..., Path]

IMAGES = catalog.IDX_PARTS[0]
LABELS = catalog.IDX_PARTS[1]


@pytest.mark.parametrize("suffix", ["", ".gz"])
def test_digits_of_a_folder(digits: Contents, lay: Lay, suffix: str) -> None:
    folder = lay(digits, suffix=suffix)
    found = load_mnist(folder)
    assert (found.train_images == formats.read_idx(digits[IMAGES], "", 3)).all()
    assert (found.train_labels == formats.read_idx(digits[LABELS], "", 1)).all()
    assert found.test_images.shape == (3, 28, 28)
    assert found.provenance.dataset == "mnist"
    assert found.provenance.origin == "directory"
    assert found.provenance.counts == {"train": 5, "test": 3}
    paths = [file.path for file in found.provenance.files]
    assert paths == [str(folder / f"{part}{suffix}") for part in catalog.IDX_PARTS]


def test_how_a_file_was_packed_does_not_matter(digits: Contents, lay: Lay) -> None:
    packed, plain = lay(digits, suffix=".gz"), lay(digits, folder="other")
    assert load_mnist(packed).provenance.sha256 == load_mnist(plain).provenance.sha256


def test_the_environment_names_a_folder(
    digits: Contents, lay: Lay, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("MINIGRADE_DATA_DIR", str(lay(digits)))
    assert load_mnist().provenance.dataset == "mnist"
    assert load_mnist(source="embedded").provenance.dataset == "mnist-5k1k"
    with pytest.raises(DataError, match=r"mine: no sentences here; expected train.tsv"):
        load_sentences()
    monkeypatch.setenv("MINIGRADE_DATA_DIR", str(tmp_path / "none"))
    with pytest.raises(DataError, match=r"none: no folder of data .MINIGRADE_DATA_DIR names it"):
        load_mnist()


def test_the_order_of_sources(digits: Contents, lay: Lay, own_cache: Path) -> None:
    assert load_mnist().provenance.origin == "embedded"
    with pytest.raises(DataError, match=r"cache.*no digits here; `minigrade data fetch mnist`"):
        load_mnist(source="cache")
    with pytest.raises(DataError, match=r"no folder is named"):
        load_mnist(source="directory")
    lay(digits, suffix=".gz", folder=str(own_cache / "mnist"))
    assert load_mnist().provenance.origin == "cache"
    assert load_mnist(lay(digits)).provenance.origin == "directory"
    assert load_mnist(source="embedded").provenance.origin == "embedded"
    with pytest.raises(DataError, match=r"no source 'elsewhere'; expected auto"):
        load_mnist(source="elsewhere")  # type: ignore[arg-type]


def test_the_cache_is_where_the_system_keeps_such(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert sources.cache_folder() == tmp_path / "cache" / "minigrade" / "data"
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    assert sources.cache_folder() == tmp_path / "home" / ".cache" / "minigrade" / "data"
    monkeypatch.setattr("sys.platform", "darwin")
    assert sources.cache_folder() == tmp_path / "home" / "Library" / "Caches" / "minigrade" / "data"


def test_unknown_digits_are_refused(other_digits: Contents, digits: Contents, lay: Lay) -> None:
    folder = lay(other_digits)
    expected = catalog.IDX_CONTENTS["mnist"][IMAGES]
    with pytest.raises(DataError, match=rf"{IMAGES}: its content's sha256 is \w+ \(3,936 bytes\)"):
        load_mnist(folder)
    with pytest.raises(DataError, match=rf"expected {expected} \(mnist\) or \w+ \(fashion-mnist\)"):
        load_mnist(folder)
    assert load_mnist(folder, check_hash=False).provenance.dataset == "unknown"


def test_one_unknown_file_is_refused(other_digits: Contents, digits: Contents, lay: Lay) -> None:
    folder = lay({**digits, LABELS: other_digits[LABELS]})
    with pytest.raises(DataError, match=f"{LABELS}: its content's sha256"):
        load_mnist(folder)


def test_files_of_two_data_sets_are_refused(
    other_digits: Contents, digits: Contents, lay: Lay, monkeypatch: pytest.MonkeyPatch
) -> None:
    import hashlib

    known = {part: hashlib.sha256(data).hexdigest() for part, data in other_digits.items()}
    monkeypatch.setitem(catalog.IDX_CONTENTS, "fashion-mnist", known)  # type: ignore[arg-type]
    assert load_mnist(lay(other_digits, folder="f")).provenance.dataset == "fashion-mnist"
    with pytest.raises(DataError, match=f"different.*{IMAGES} is of mnist.*{LABELS} is of fashion"):
        load_mnist(lay({**digits, LABELS: other_digits[LABELS]}))


def test_an_incomplete_cache_is_no_reason_to_look_further(
    digits: Contents, lay: Lay, own_cache: Path
) -> None:
    del digits[LABELS]
    lay(digits, suffix=".gz", folder=str(own_cache / "mnist"))
    with pytest.raises(DataError, match=rf"mnist: {LABELS}\[.gz\] is missing"):
        load_mnist()


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda data: gzip.compress(data)[:-9], "cannot be unpacked, so it is damaged: Compressed"),
        (lambda data: data, "cannot be unpacked, so it is damaged: Not a gzipped file"),
        (lambda data: gzip.compress(data)[:50] + b"\0" * 500, "cannot be unpacked"),
        (
            lambda data: gzip.compress(data[:-9]),
            "3,911 bytes after the header, expected 5x28x28 = 3,920",
        ),
        (lambda data: gzip.compress(b"\x89PNG" + data), "magic number is 0x89504e47"),
        (lambda data: b"", "0 bytes, expected a header"),
    ],
)
def test_damaged_files(
    digits: Contents, lay: Lay, damage: Callable[[bytes], bytes], message: str
) -> None:
    folder = lay(digits, suffix=".gz")
    path = folder / f"{IMAGES}.gz"
    path.write_bytes(damage(digits[IMAGES]))
    with pytest.raises(DataError, match=f"^{path}: .*({message})"):
        load_mnist(folder)


def test_a_bomb_is_not_unpacked(
    digits: Contents, lay: Lay, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sources, "CONTENT_LIMIT_BYTES", 1000)
    with pytest.raises(DataError, match=r"more than 1,000 bytes, expected fewer"):
        load_mnist(lay(digits, suffix=".gz"))


def test_sst2_of_a_folder(tables: Contents, lay: Lay) -> None:
    folder = lay({f"SST-2/{name}": data for name, data in tables.items()})
    (folder / "SST-2" / "test.tsv").write_text("index\tsentence\n0\tno label\n")
    for place in (folder, folder / "SST-2"):
        found = load_sentences(place)
        assert [len(s) for s in (found.train, found.validation, found.test)] == [7, 100, 3]
        assert found.test.sentences[0] == "film 100 was n't \u2019bad\u2019"
        assert found.test.labels.tolist() == [0, 1, 0]
        assert found.provenance.dataset == "sst-2"


def test_sst2_of_a_zip(tables: Contents, lay: Lay) -> None:
    folder = lay({})
    folder.mkdir()
    with zipfile.ZipFile(folder / "SST-2.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in tables.items():
            archive.writestr(f"SST-2/{name}", data)
    found = load_sentences(folder)
    assert found.provenance.dataset == "sst-2"
    assert found.provenance.files[0].path.endswith("SST-2.zip(SST-2/train.tsv)")
    whole = (folder / "SST-2.zip").read_bytes()
    (folder / "SST-2.zip").write_bytes(whole[:-30])
    with pytest.raises(DataError, match=r"SST-2.zip.SST-2/train.tsv.: cannot be unpacked"):
        load_sentences(folder)
    with zipfile.ZipFile(folder / "SST-2.zip", "w") as archive:
        archive.writestr("SST-2/train.tsv", tables["train.tsv"])
    with pytest.raises(DataError, match=r"SST-2.zip: has no member SST-2/dev.tsv"):
        load_sentences(folder)


def test_sst2_that_is_wrong(tables: Contents, lay: Lay) -> None:
    with pytest.raises(DataError, match=r"train.tsv is here, but train.tsv and dev.tsv are needed"):
        load_sentences(lay({"train.tsv": tables["train.tsv"]}, folder="one"))
    fewer = tables["dev.tsv"].rsplit(b"\n", 2)[0] + b"\n"
    with pytest.raises(DataError, match=r"dev.tsv: its content's sha256"):
        load_sentences(lay({**tables, "dev.tsv": fewer}, folder="two"))
    odd = tables["dev.tsv"].replace(b"\t1", b"\t2", 1)
    with pytest.raises(DataError, match=r"dev.tsv: line 3 has the label '2'"):
        load_sentences(lay({**tables, "dev.tsv": odd}, folder="three"))
    with pytest.raises(DataError, match=r"test.tsv: the first line is 'nonsense'"):
        load_sentences(lay({**tables, "test.tsv": b"nonsense\n"}, folder="four"))


def test_glove_of_a_folder_or_a_zip(glove: bytes, lay: Lay) -> None:
    folder = lay({catalog.GLOVE_FILE: glove})
    packed = lay({}, folder="packed")
    packed.mkdir()
    with zipfile.ZipFile(packed / "glove.6B.zip", "w") as archive:
        archive.writestr(catalog.GLOVE_FILE, glove)
    for place in (folder, packed):
        found = load_vectors(place)
        assert found.words == ("the", "caf\u00e9", "a\u00a0b")
        assert (found.vectors == np.arange(150).reshape(3, 50) / 4).all()
        assert found.provenance.dataset == "glove-6b-50d"
        only = load_vectors(place, only={"caf\u00e9"})
        assert only.vectors[:, 0].tolist() == [12.5]
        assert only.provenance.sha256 == found.provenance.sha256
    (folder / catalog.GLOVE_FILE).write_bytes(glove[: len(glove) // 2])
    with pytest.raises(DataError, match=r"glove.6B.50d.txt: line 2 has \d+ columns"):
        load_vectors(folder)
    (folder / catalog.GLOVE_FILE).write_bytes(glove.split(b"\n", 1)[1])
    with pytest.raises(DataError, match=r"glove.6B.50d.txt: its content's sha256"):
        load_vectors(folder, only=())
