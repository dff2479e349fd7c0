"""Landlock leaves a process the files that it was given, and no others."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from minigrade.boundary import landlock

ABI = landlock.abi()
pytestmark = pytest.mark.skipif(ABI == 0, reason="this kernel has no Landlock")


@pytest.fixture
def folders(tmp_path: Path) -> dict[str, list[str]]:
    """A submission that may be read, a scratch folder to write in, and one for neither."""
    for name in ("submission", "scratch", "elsewhere"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "text").write_text(name)
    return {"readable": [str(tmp_path / "submission")], "writable": [str(tmp_path / "scratch")]}


def test_given_folders_are_readable(attacks, folders, tmp_path):
    assert attacks.try_("read", str(tmp_path / "submission" / "text"), **folders) == "submission"
    assert attacks.try_("read", str(tmp_path / "scratch" / "text"), **folders) == "scratch"


@pytest.mark.parametrize(
    "path", ["/etc/shadow", "/etc/hostname", "/proc/1/environ", "/var/log/dpkg.log"]
)
def test_the_rest_of_the_system_is_not(attacks, folders, path):
    if not os.access(path, os.R_OK):
        pytest.skip(f"{path} cannot be read anyway")
    assert attacks.try_("read", path, **folders)["raised"] == "PermissionError"


def test_other_folders_are_not(attacks, folders, tmp_path):
    secret = tmp_path / "elsewhere" / "text"
    secret.chmod(0o600)
    assert attacks.try_("read", str(secret), **folders)["raised"] == "PermissionError"
    assert attacks.try_("listing", str(secret.parent), **folders)["raised"] == "PermissionError"
    assert attacks.try_("listing", "/root", **folders)["raised"] == "PermissionError"


def test_memory_of_others_is_not(attacks):
    assert attacks.try_("read_memory_of_parent") == "EACCES"


def test_writing(attacks, folders, tmp_path):
    for name in ("submission", "elsewhere"):
        for file in ("text", "new"):
            assert attacks.try_("write", str(tmp_path / name / file), **folders) == "EACCES"
    assert attacks.try_("write", "/dev/shm/minigrade-test", **folders) == "EACCES"
    assert attacks.try_("write", "/tmp/minigrade-test", **folders) == "EACCES"
    assert (tmp_path / "submission" / "text").read_text() == "submission"


def test_the_scratch_folder_is_for_files(attacks, folders, tmp_path):
    scratch = tmp_path / "scratch"
    assert attacks.try_("use_writable_folder", str(scratch), **folders) == "kept"
    assert attacks.try_("execute", str(scratch / "text"), **folders) in ("EACCES", "EPERM")
    made = attacks.try_("link", str(tmp_path / "elsewhere/text"), str(scratch / "l"), **folders)
    assert made[0] == "EACCES"
    assert made[1] in ("EACCES", "EXDEV")


@pytest.mark.skipif(ABI < 6, reason="Landlock scopes signals from Linux 6.12 on")
def test_no_signals_to_others(attacks):
    assert attacks.try_("signal_parent") == "EPERM"


@pytest.mark.skipif(ABI < 4, reason="Landlock refuses TCP from Linux 6.7 on")
def test_no_tcp_even_without_seccomp(attacks):
    without = {"seccomp": False, "network_namespace": False}
    assert attacks.try_("listen", plan=without) == "EACCES"
    assert attacks.try_("listen", plan={**without, "landlock": False}) == "allowed"
