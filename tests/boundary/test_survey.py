"""The survey finds what can be had, says what cannot, and the entry keeps the promise."""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
import warnings
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest

from minigrade.boundary import landlock, linux, rehearsal, sandbox, wire
from minigrade.errors import InternalError, UsageError

CAP_CHOWN, CAP_KILL, CAP_SETGID, CAP_SETUID = 0, 5, 6, 7
as_root = pytest.mark.skipif(
    os.geteuid() != 0 or linux.machine() is None, reason="root on Linux only"
)
on_linux = pytest.mark.skipif(linux.machine() is None, reason="Linux on x86-64 or aarch64 only")


def survey(attacks, **request):
    return attacks.ask({"name": "survey", **request})


def test_a_plan_crosses_the_boundary(attacks):
    plan = sandbox.Plan.from_plain(attacks.plan)
    assert plan.limits == sandbox.Limits()
    sent = wire.encode(plan.to_plain())
    size = int.from_bytes(sent[:4])
    assert sandbox.Plan.from_plain(wire.decode(sent[8 : 8 + size], b"")) == plan


def test_other_limits_are_kept():
    limits = sandbox.Limits(cpu_s=7)
    assert sandbox.survey("local", [], limits).limits == limits


def test_nothing_is_changed_by_looking(attacks):
    assert survey(attacks)["changed"] is False


def test_every_layer_is_active_or_skipped_with_a_reason(attacks):
    found = survey(attacks)
    skipped = {sentence.split(": ")[0] for sentence in found["plan"]["skipped"]}
    assert skipped.isdisjoint(found["layers"])
    optional = {"seccomp", "landlock", "network namespace", "uid"}
    assert skipped | (set(found["layers"]) & optional) == optional


@as_root
def test_two_graders_have_workers_with_different_uids(attacks):
    ours = sandbox.survey("local", []).uid
    theirs = survey(attacks)["plan"]["uid"]
    assert None not in (ours, theirs)
    assert abs(ours - theirs) >= sandbox.UIDS_PER_GRADER
    assert sandbox.survey("local", []).uid == ours


@as_root
def test_uids_can_be_used_up(monkeypatch):
    claimed = sandbox.survey("local", []).uid
    monkeypatch.setattr(rehearsal, "_claimed", {})
    monkeypatch.setattr(rehearsal, "UIDS", range(claimed, claimed + rehearsal.UIDS_PER_GRADER))
    plan = sandbox.survey("local", [])
    assert plan.uid is None
    assert "1 graders on this machine" in plan.skipped[0]


def test_there_are_two_policies():
    with pytest.raises(UsageError, match="no isolation policy 'lax'; expected 'local' or 'strict'"):
        sandbox.survey("lax", [])


# What cannot be had


@pytest.fixture
def locked(open_folder: Path) -> Path:
    """A folder below one that only its owner may enter."""
    inner = open_folder / "home" / "python"
    inner.mkdir(parents=True)
    inner.parent.chmod(0o700)
    return inner


@as_root
def test_strict_names_the_folder_and_the_remedy(locked):
    with pytest.raises(UsageError, match=f"{locked.parent} .mode 0700") as raised:
        sandbox.survey("strict", [locked])
    assert f"{locked} lies below it" in str(raised.value)
    assert f"chmod o+x {locked.parent}" in str(raised.value)


@as_root
def test_a_link_leads_to_the_folder_that_is_in_the_way(locked, open_folder):
    link = open_folder / "link"
    link.symlink_to(locked)
    with pytest.raises(UsageError, match=f"chmod o.x {locked.parent}"):
        sandbox.survey("strict", [link])


@as_root
def test_strict_names_a_file_that_cannot_be_read(open_folder):
    file = open_folder / "file"
    file.touch(0o640)
    with pytest.raises(UsageError, match=f"{file} .mode 0640, .* chmod -R o.rX {file}"):
        sandbox.survey("strict", [open_folder, file])


@as_root
def test_strict_is_had_where_all_can_be_reached(open_folder):
    assert sandbox.survey("strict", [open_folder, open_folder / "missing.zip"]).uid is not None


@as_root
def test_local_does_without_and_says_so(locked):
    plan = sandbox.survey("local", [locked])
    assert plan.uid is None
    assert plan.capabilities
    assert str(locked.parent) in next(why for why in plan.skipped if why.startswith("uid: "))


@as_root
@pytest.mark.parametrize(
    ("kept", "reason"),
    [
        ([CAP_CHOWN, CAP_KILL, CAP_SETGID, CAP_SETUID], ""),
        ([CAP_CHOWN, CAP_KILL], "the kernel refused to change it"),
        ([CAP_KILL, CAP_SETGID, CAP_SETUID], "the kernel refused to change it"),
        ([CAP_CHOWN, CAP_SETGID, CAP_SETUID], "may not stop processes of another uid"),
    ],
)
def test_root_in_a_container_has_fewer_powers(attacks, kept, reason):
    found = survey(attacks, capabilities=kept)
    reasons = dict(why.split(": ", 1) for why in found["plan"]["skipped"])
    assert "in most containers" in reasons["network namespace"]
    assert reason in reasons.get("uid", "")
    assert ("uid" in found["layers"]) == (not reason)
    told = survey(attacks, capabilities=kept, policy="strict")
    assert (told.get("raised") == "UsageError") == bool(reason)
    assert reason in told.get("message", "")


@as_root
def test_only_root_can_give_a_uid(with_uid):
    found = survey(with_uid, as_user=with_uid.plan["uid"])
    reasons = dict(why.split(": ", 1) for why in found["plan"]["skipped"])
    assert reasons.keys() == {"uid", "network namespace"} | (
        set() if landlock.abi() else {"landlock"}
    )
    assert reasons["uid"].startswith("only root can have it")
    assert not found["plan"]["capabilities"]


@as_root
def test_an_ordinary_user_has_the_layers_that_the_survey_found(with_uid):
    user = with_uid.plan["uid"]
    plan = survey(with_uid, as_user=user)["plan"]
    assert with_uid.try_("ordinary_things", plan=plan, as_user=user)["program"] == "two\n"
    assert with_uid.try_("identity", plan=plan, as_user=user)[0] == [user] * 3
    if plan["seccomp"]:
        assert with_uid.try_("open_socket", 2, plan=plan, as_user=user) == "EPERM"
    if plan["landlock"]:
        told = with_uid.try_("read", "/etc/hostname", plan=plan, as_user=user)
        assert told["raised"] == "PermissionError"


def test_elsewhere_there_are_limits_and_a_process_group(monkeypatch):
    monkeypatch.setattr(linux, "machine", lambda: None)
    plan = sandbox.survey("local", [])
    assert plan.layers == ("process group", "rlimits")
    assert len(plan.skipped) == 4
    with pytest.raises(UsageError, match="not on this system"):
        sandbox.survey("strict", [])
    sandbox.shield_grader()
    sandbox.die_with_parent()


# Promises are kept


@as_root
def test_a_promised_layer_that_cannot_be_had_is_an_error(attacks):
    told = attacks.try_("identity", plan={"network_namespace": True}, capabilities=[CAP_SETUID])
    assert told["raised"] == "InternalError"
    assert "'network namespace' was found on this machine" in told["message"]


@pytest.mark.skipif(landlock.abi() == 0, reason="this kernel has no Landlock")
def test_a_folder_that_is_not_there_is_an_error(attacks, tmp_path):
    told = attacks.try_("identity", writable=[str(tmp_path / "missing")])
    assert told["raised"] == "InternalError"
    assert str(tmp_path / "missing") in told["message"]


@pytest.mark.parametrize(("planned", "uid"), [(None, 61184), (61184, None)])
def test_the_uid_is_that_of_the_plan(planned, uid):
    with pytest.raises(InternalError, match="was entered with uid"):
        sandbox.enter(sandbox.Plan(uid=planned), readable=[], writable=[], uid=uid)


# Helpers for the grader and the zygote


@pytest.mark.skipif(Path("/proc/sys/kernel/yama").exists(), reason="Yama guards every process")
def test_a_shielded_process_hides_its_memory(with_uid):
    alone = {"uid": with_uid.plan["uid"], "landlock": False, "seccomp": False}
    assert with_uid.try_("peek", False, plan=alone) == "allowed"
    assert with_uid.try_("peek", True, plan=alone) == "refused"


@on_linux
def test_a_process_dies_with_its_parent(attacks, tmp_path):
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    reader = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
    open_layers = {"seccomp": False, "landlock": False, "network_namespace": False}
    assert attacks.try_("orphan", str(fifo), plan=open_layers) == {"ended": -9}
    os.set_blocking(reader, True)
    with os.fdopen(reader, "rb") as stream:  # ends only when the orphan does
        assert int(stream.read()) > 0


@on_linux
def test_who_has_lost_its_parent_already_ends():
    script = "from minigrade.boundary import sandbox; sandbox.die_with_parent(1); print('alive')"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=False)
    assert (done.returncode, done.stdout) == (70, b"")


def _uid_when_forked(plan: sandbox.Plan) -> int | None:
    return sandbox.of_forked(plan).uid


@on_linux
def test_forked_graders_have_uids_of_their_own() -> None:
    mine = rehearsal.claim_uids()
    plan = sandbox.Plan(uid=mine)
    fork = multiprocessing.get_context("fork")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of forking beside threads
        with ProcessPoolExecutor(1, fork) as one, ProcessPoolExecutor(1, fork) as other:
            found = [pool.submit(_uid_when_forked, plan).result() for pool in (one, other)]
            assert len({mine, *found}) == 3
            assert one.submit(_uid_when_forked, plan).result() == found[0]
    assert sandbox.of_forked(sandbox.Plan()).uid is None
