"""Try in a throw-away process what only root may do, and say what is in the way.

Whether a uid can be taken on, and reaches what it must read, depends on
capabilities, filters of containers, user namespaces, modes and access lists. So
nothing is computed: a forked child does it, looks, tells, and ends.
"""

from __future__ import annotations

import os
import select
import signal
import socket
import stat
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from minigrade.boundary import linux

UIDS_PER_GRADER = 64
# Accounts get no numbers from here: systemd keeps 61184-65519 for services that
# exist while they run, and Debian hands out single ones from 64000 on.
UIDS = range(61184, 64000)

_TIME_LIMIT_S = 10.0
_claimed: dict[int, tuple[int, int]] = {}  # of a process: its first uid, and the claim's socket


@dataclass(frozen=True)
class Found:
    """What the rehearsal found; an obstacle is empty where there is none."""

    uid: int | None
    uid_obstacle: str
    namespace_obstacle: str


def rehearse(needed: Sequence[Path]) -> Found:
    """Try a uid of our own, with all of `needed` to be read, and a network namespace."""
    if linux.machine() is None:
        return Found(None, "not on this system", "not on this system")
    if os.geteuid() != 0:
        only_root = f"only root can have it, and this is uid {os.geteuid()}"
        return Found(None, only_root, only_root)
    uid = claim_uids()
    namespace_obstacle, uid_obstacle = _ask(uid, needed)
    return Found(None if uid_obstacle else uid, uid_obstacle, namespace_obstacle)


def claim_uids() -> int | None:
    """Return the first uid of a block that no other grader on this machine uses.

    Two graders that shared a uid could have their workers stop each other. An
    abstract socket is a lock with a name, and goes when its process goes.
    """
    pid = os.getpid()
    if pid in _claimed:
        return _claimed[pid][0]
    for _, inherited in _claimed.values():  # by a process that was forked
        os.close(inherited)
    _claimed.clear()
    for first in range(UIDS.start, UIDS.stop - UIDS_PER_GRADER + 1, UIDS_PER_GRADER):
        with socket.socket(socket.AF_UNIX) as claim:
            try:
                claim.bind(f"\0minigrade-uids-{first}")
            except OSError:
                continue
            _claimed[pid] = first, claim.detach()  # open until this process ends
            return first
    return None


def _ask(uid: int | None, needed: Sequence[Path]) -> tuple[str, str]:
    """Return the obstacles to a namespace and to `uid`, as a forked child finds them."""
    reader, writer = os.pipe()
    with warnings.catch_warnings():
        # Python warns of forking beside threads; the child takes no lock and imports nothing.
        warnings.simplefilter("ignore", DeprecationWarning)
        linux.prepare()
        pid = os.fork()
    if pid == 0:
        try:
            told = f"{_try_namespace()}\0{_try_uid(uid, needed, writer)}"
            os.write(writer, told.encode("utf-8", "surrogateescape"))
        finally:
            os._exit(0)
    os.close(writer)
    poll = select.poll()
    poll.register(reader, select.POLLIN)
    answer = os.read(reader, 2**16) if poll.poll(_TIME_LIMIT_S * 1000) else b""
    os.close(reader)
    namespace_obstacle, found, uid_obstacle = answer.decode("utf-8", "replace").partition("\0")
    if not found:
        namespace_obstacle = uid_obstacle = "the process that tried it ended without a word"
    try:
        os.kill(pid, signal.SIGKILL)
    except PermissionError:  # true of a process that has just ended, too
        uid_obstacle = uid_obstacle or "this root may not stop processes of another uid (CAP_KILL)"
    if found:  # otherwise it may be one that hangs and cannot be killed
        os.waitpid(pid, 0)
    return namespace_obstacle, uid_obstacle


def _try_namespace() -> str:
    """Move into a network namespace; return the obstacle, if any."""
    try:
        linux.unshare(linux.CLONE_NEWNET | linux.CLONE_NEWIPC)
    except OSError as error:
        return f"the kernel refused it ({error.strerror}), as it does in most containers"
    return ""


def _try_uid(uid: int | None, needed: Sequence[Path], own: int) -> str:
    """Hand the pipe `own` over to `uid`, take it on, and look at all of `needed`.

    Returns:
        The obstacle, if any.
    """
    if uid is None:
        return f"{len(UIDS) // UIDS_PER_GRADER} graders on this machine use all uids set aside"
    try:
        os.fchown(own, uid, uid)  # as the grader will do with folders to write in
        linux.become(uid)
    except OSError as error:
        return f"the kernel refused to change it ({error.strerror or error})"
    for path in needed:
        obstacle = _obstacle(path)
        if obstacle:
            return obstacle
    return ""


def _obstacle(path: Path) -> str:
    """Say what keeps this process from reading `path`; empty if nothing does."""
    try:
        is_folder = stat.S_ISDIR(path.stat().st_mode)
        if os.access(path, os.R_OK | os.X_OK if is_folder else os.R_OK):
            return ""
    except FileNotFoundError:  # as the zip file on sys.path; nobody will read it
        return ""
    except OSError:
        pass
    for folder in (*reversed(path.parents), *reversed(path.resolve().parents)):
        if not os.access(folder, os.X_OK):
            return (
                f"{_described(folder)} keeps other users out, and {path} lies below it; move it to "
                f"where everyone may go, such as /opt, or run chmod o+x {folder}"
            )
    return f"{_described(path)} cannot be read by other users; run chmod -R o+rX {path}"


def _described(path: Path) -> str:
    """Return `path` with its mode and owner, as far as they can be had."""
    try:
        found = path.stat()
    except OSError:
        return str(path)
    return f"{path} (mode {found.st_mode & 0o7777:04o}, owned by uid {found.st_uid})"
