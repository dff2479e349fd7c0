"""What a call across the boundary to student code costs, beside a bare socket echo."""

from __future__ import annotations

import os
import socket
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

NOOP_LIMIT_S = 60e-6


def boundary_row(calls: int) -> dict[str, Any]:
    """Compare a no-op call of a probe with an echo over a bare socket."""
    from minigrade.boundary import sandbox
    from minigrade.boundary.process import Zygote
    from minigrade.boundary.session import Loadable, Loading, Returned, Session

    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        root.chmod(0o755)
        (root / "pack").mkdir()
        (root / "pack" / "__init__.py").touch()
        (root / "scratch").mkdir()
        plan = sandbox.survey("local", [*sandbox.interpreter_paths(), root])
        zygote = Zygote(plan)
        text = "def noop(mt, x):\n    return x\n"
        session = Session(
            zygote, Loadable(root, root / "scratch", "pack", text, "noop.py"), Loading()
        )
        assert isinstance(session.call("noop", [1.0]), Returned)
        ours, theirs = [], []
        with _Echo() as echo:
            for _ in range(calls):
                started = time.perf_counter()
                session.call("noop", [1.0])
                middle = time.perf_counter()
                echo.once()
                ours.append(middle - started)
                theirs.append(time.perf_counter() - middle)
        session.close()
        zygote.close()
    mine, bare = statistics.median(ours), statistics.median(theirs)
    return {
        "work": f"a no-op call across the boundary (+{(mine - bare) * 1e6:.0f} µs)",
        "ours_s": mine,
        "theirs_s": bare,
        "ratio": mine / bare,
        "must": "≤ +60 µs",
        "aim": None,
        "ok": mine - bare <= NOOP_LIMIT_S,
    }


class _Echo:
    """A process that returns what it gets on a socket, byte for byte."""

    def __enter__(self) -> _Echo:
        self._here, there = socket.socketpair()
        self._pid = os.fork()
        if not self._pid:
            self._here.close()
            while data := there.recv(65536):
                there.sendall(data)
            os._exit(0)
        there.close()
        return self

    def once(self) -> None:
        """Send as many bytes as a no-op call does, and wait for them."""
        self._here.sendall(b"x" * 64)
        self._here.recv(65536)

    def __exit__(self, *_: object) -> None:
        self._here.close()
        os.waitpid(self._pid, 0)
