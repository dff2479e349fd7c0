"""``minigrade data`` as users type it."""

from __future__ import annotations

import hashlib
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from minigrade.data import catalog
from minigrade.data.catalog import Download
from minigrade.edges.cli import app
from minigrade.errors import DataError


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("MINIGRADE_DATA_DIR", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr("sys.platform", "linux")
    return tmp_path / "cache" / "minigrade" / "data"


def test_a_list_of_everything(own_cache: Path) -> None:
    for arguments in (["data"], ["data", "list"]):
        done = CliRunner().invoke(app, arguments, catch_exceptions=False)
        assert done.exit_code == 0
        assert "  * embedded       mnist-5k1k: 5,000 train, 1,000 test\n" in done.output
        assert "`minigrade data fetch sst-2` gets 7.4 MB" in done.output
        for embedded in catalog.EMBEDDED.values():
            assert embedded.sha256 in done.output


def test_a_damaged_cache_is_told(own_cache: Path) -> None:
    (own_cache / "glove").mkdir(parents=True)
    (own_cache / "glove" / "glove.6B.50d.txt").write_text("the 1 2\n")
    done = CliRunner().invoke(app, ["data"], catch_exceptions=False)
    assert done.exit_code == 2
    assert "  * cache          WRONG: " in done.output
    assert "line 1 has 3 columns" in done.output


def test_fetched_fashion_is_listed_with_its_folder(own_cache: Path) -> None:
    (own_cache / "fashion-mnist").mkdir(parents=True)
    done = CliRunner().invoke(app, ["data"], catch_exceptions=False)
    assert f"    --data-dir     WRONG: {own_cache}/fashion-mnist: no digits here" in done.output


def test_fetch_from_a_folder(
    own_cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = b"some data"
    (tmp_path / "file.bin").write_bytes(data)
    download = Download("file.bin", (), len(data), hashlib.sha256(data).hexdigest())
    monkeypatch.setitem(catalog.DOWNLOADS, "mnist", (download,))  # type: ignore[arg-type]
    arguments = ["data", "fetch", "mnist", "--from", str(tmp_path)]
    done = CliRunner().invoke(app, arguments, catch_exceptions=False)
    assert done.exit_code == 0
    assert (own_cache / "mnist" / "file.bin").read_bytes() == data
    assert str(own_cache / "mnist" / "file.bin") in done.stdout
    (tmp_path / "file.bin").write_bytes(b"other")
    (own_cache / "mnist" / "file.bin").unlink()
    with pytest.raises(DataError, match=r"cannot get file.bin"):
        CliRunner().invoke(app, arguments, catch_exceptions=False)
    with pytest.raises(DataError, match=r"no data set 'cifar'; expected some of mnist, "):
        CliRunner().invoke(app, ["data", "fetch", "cifar"], catch_exceptions=False)


def test_control_c_stops_a_download_and_leaves_nothing(own_cache: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        base = f"http://127.0.0.1:{silent.getsockname()[1]}"
        command = [sys.executable, "-m", "minigrade", "data", "fetch", "mnist", "--from", base]
        process = subprocess.Popen(
            command,
            env=os.environ | {"no_proxy": "*"},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        connection, _ = silent.accept()
        with connection:
            connection.recv(1000)
            length = b"Content-Length: 9912422\r\n\r\n"
            connection.sendall(b"HTTP/1.1 200 OK\r\n" + length + bytes(100_000))
            process.send_signal(signal.SIGINT)
            output, errors = process.communicate(timeout=60)
    assert process.returncode != 0
    assert b"Traceback" not in output + errors
    assert not list((own_cache / "mnist").iterdir())


def test_export(tmp_path: Path) -> None:
    dest = tmp_path / "exported"
    done = CliRunner().invoke(app, ["data", "export", str(dest)], catch_exceptions=False)
    assert done.exit_code == 0
    assert done.stdout.count("; embedded, ") == 3
    assert (dest / "train-images-idx3-ubyte.gz").is_file()
    arguments = ["data", "list", "--data-dir", str(dest)]
    listed = CliRunner().invoke(app, arguments, catch_exceptions=False)
    assert listed.exit_code == 0
    assert listed.output.count("  * directory") == 3
