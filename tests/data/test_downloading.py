"""Downloads from a server on this machine: whole and right, or an error and nothing left."""

from __future__ import annotations

import hashlib
import io
import os
import socket
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from minigrade.data import catalog, downloading, load_vectors
from minigrade.data.catalog import Download
from minigrade.errors import DataError

BODY = os.urandom(300_000)
SHA256 = hashlib.sha256(BODY).hexdigest()

Answer = Callable[["Handler"], None]


class Handler(BaseHTTPRequestHandler):
    """Answers each path as the test says."""

    server: Server

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        self.server.answers[self.path](self)

    def begin(self, length: int | None) -> None:
        self.send_response(200)
        if length is not None:
            self.send_header("Content-Length", str(length))
        self.end_headers()

    def log_message(self, *arguments: object) -> None:
        pass


class Server(ThreadingHTTPServer):
    """Serves on a free port of this machine; `over` is set when the test is."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers: dict[str, Answer] = {}
        self.asked: list[str] = []
        self.over = threading.Event()

    def add(self, path: str, answer: Answer) -> str:
        self.answers[path] = answer
        return f"http://127.0.0.1:{self.server_address[1]}{path}"


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as made:
        thread = threading.Thread(target=made.serve_forever, args=(0.01,))
        thread.start()
        yield made
        made.over.set()
        made.shutdown()
        thread.join()


@pytest.fixture
def target(tmp_path: Path) -> Path:
    folder = tmp_path / "folder"
    folder.mkdir()
    return folder / "file.bin"


def sends(data: bytes, announced: int | None = None) -> Answer:
    def answer(handler: Handler) -> None:
        handler.begin(len(data) if announced is None else announced)
        handler.wfile.write(data)

    return answer


def sends_unannounced(data: bytes) -> Answer:
    def answer(handler: Handler) -> None:
        handler.begin(None)
        handler.wfile.write(data)

    return answer


def not_there(handler: Handler) -> None:
    handler.send_error(404)


def stalls(handler: Handler) -> None:
    handler.begin(len(BODY))
    handler.wfile.write(BODY[:1000])
    handler.wfile.flush()
    handler.server.over.wait(60)


def says_nothing(handler: Handler) -> None:
    handler.server.over.wait(60)


def drips(handler: Handler) -> None:
    handler.begin(len(BODY))
    for at in range(len(BODY)):
        handler.wfile.write(BODY[at : at + 1])
        handler.wfile.flush()
        if handler.server.over.wait(0.02):
            return


def wanted(*urls: str) -> Download:
    return Download("file.bin", urls, len(BODY), SHA256)


def test_all_is_well(server: Server, target: Path) -> None:
    seen: list[tuple[str, int, int]] = []
    url = server.add("/file.bin", sends(BODY))
    downloading.bring(wanted(url), target, progress=lambda *told: seen.append(told))
    assert target.read_bytes() == BODY
    assert list(target.parent.iterdir()) == [target]
    assert seen[-1] == ("file.bin", len(BODY), len(BODY))
    assert [told[1] for told in seen] == sorted({told[1] for told in seen})


def test_a_server_need_not_announce_the_length(server: Server, target: Path) -> None:
    downloading.bring(wanted(server.add("/x", sends_unannounced(BODY))), target)
    assert target.read_bytes() == BODY


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (sends(BODY[:-1], len(BODY)), "ended after 299999 bytes, expected 300000"),
        (sends_unannounced(BODY[:-1]), "ended after 299999 bytes, expected 300000"),
        (sends(BODY[:-1]), "announces 299999 bytes, expected 300000"),
        (sends(BODY + b"x"), "announces 300001 bytes, expected 300000"),
        (sends_unannounced(BODY * 4), "sends more than the expected 300000 bytes"),
        (sends(bytes(len(BODY))), "sent other data: sha256 [0-9a-f]{64}, expected " + SHA256),
        (not_there, "HTTP Error 404: Not Found"),
        (stalls, "no answer in time"),
        (says_nothing, "no answer in time|timed out"),
        (drips, r"sent only \d+ bytes in"),
    ],
)
def test_a_bad_answer_leaves_nothing(
    server: Server, target: Path, answer: Answer, message: str
) -> None:
    url = server.add("/file.bin", answer)
    with pytest.raises(DataError, match=f"cannot get file.bin .*{SHA256}.:\n  {url}: ({message})"):
        downloading.bring(wanted(url), target, timeout_s=0.3)
    assert not list(target.parent.iterdir())


@pytest.mark.parametrize("answer", [not_there, stalls, sends(BODY[:-1]), sends(bytes(len(BODY)))])
def test_the_next_address_is_tried(server: Server, target: Path, answer: Answer) -> None:
    first, second = server.add("/first", answer), server.add("/second", sends(BODY))
    downloading.bring(wanted(first, second), target, timeout_s=0.3)
    assert target.read_bytes() == BODY
    assert server.asked == ["/first", "/second"]
    assert list(target.parent.iterdir()) == [target]


def test_all_failures_are_told(target: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as briefly:
        closed = f"http://127.0.0.1:{briefly.getsockname()[1]}/x"
    with pytest.raises(DataError) as raised:
        downloading.bring(wanted(closed, "ftp://127.0.0.1/x", "file:///no/such/file"), target)
    told = str(raised.value)
    assert "Connection refused" in told
    assert "ftp://127.0.0.1/x: expected an address of https, http or file" in told
    assert "file:///no/such/file: " in told


def test_an_interrupted_download_leaves_what_was_there(server: Server, target: Path) -> None:
    target.write_bytes(b"before")

    def interrupt(name: str, done_bytes: int, size_bytes: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        downloading.bring(wanted(server.add("/x", sends(BODY))), target, progress=interrupt)
    assert list(target.parent.iterdir()) == [target]
    assert target.read_bytes() == b"before"


def test_a_folder_serves_too(tmp_path: Path, target: Path) -> None:
    mirror = tmp_path / "a mirror"
    mirror.mkdir()
    (mirror / "file.bin").write_bytes(BODY)
    for base in (str(mirror), mirror.as_uri(), f"{mirror.as_uri()}/"):
        downloading.bring(wanted(), target, base=base)
        assert target.read_bytes() == BODY
        target.unlink()


def test_fetch_brings_what_is_missing(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = server.add("/file.bin", sends(BODY))
    monkeypatch.setitem(catalog.DOWNLOADS, "mnist", (wanted(url),))  # type: ignore[arg-type]
    folder = tmp_path / "new" / "folder"
    for _ in range(2):
        assert downloading.fetch("mnist", folder) == [folder / "file.bin"]
    assert server.asked == ["/file.bin"]
    (folder / "file.bin").write_bytes(b"damaged")
    downloading.fetch("mnist", folder)
    assert (folder / "file.bin").read_bytes() == BODY
    with pytest.raises(DataError, match="no data set 'cifar' to fetch; expected one of mnist, "):
        downloading.fetch("cifar", folder)


def test_of_glove_only_what_is_used_is_kept(
    server: Server, glove: bytes, own_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(catalog.GLOVE_FILE, glove)
        archive.writestr("glove.6B.300d.txt", "large")
    data = packed.getvalue()
    url = server.add("/glove.6B.zip", sends(data))
    download = Download("glove.6B.zip", (url,), len(data), hashlib.sha256(data).hexdigest())
    monkeypatch.setitem(catalog.DOWNLOADS, "glove", (download,))  # type: ignore[arg-type]
    folder = own_cache / "glove"
    for _ in range(2):
        assert downloading.fetch("glove", folder) == [folder / catalog.GLOVE_FILE]
    assert server.asked == ["/glove.6B.zip"]
    assert list(folder.iterdir()) == [folder / catalog.GLOVE_FILE]
    found = load_vectors()
    assert found.provenance.origin == "cache"
    assert found.provenance.dataset == "glove-6b-50d"


def test_remains_of_killed_downloads_are_removed(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, young, mine = (tmp_path / name for name in (".a.x.part", ".b.x.part", "c.part"))
    for path in (old, young, mine):
        path.write_text("x")
    two_days_ago = time.time() - 2 * 24 * 3600
    for path in (old, mine):
        os.utime(path, (two_days_ago, two_days_ago))
    (tmp_path / ".glove.x.part").mkdir()
    os.utime(tmp_path / ".glove.x.part", (two_days_ago, two_days_ago))
    download = wanted(server.add("/file.bin", sends(BODY)))
    monkeypatch.setitem(catalog.DOWNLOADS, "mnist", (download,))  # type: ignore[arg-type]
    downloading.fetch("mnist", tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {".b.x.part", "c.part", "file.bin"}
