"""Lock a process in, layer by layer, before it sees anything of a student.

`survey`, in the grader, finds out which layers can be had on this machine and
says which cannot, and why. `enter`, in a freshly forked process, applies all of
what the survey promised or raises: student code never runs with less than the
report says. No layer is trusted alone:

=================  ===========================================================
layer              what it stops
=================  ===========================================================
process group      processes that outlive their check (made by the zygote)
rlimits            exhausting memory, processor time, disk and descriptors
no new privileges  gaining rights by executing a setuid program
seccomp            sockets, tracing, leaving the process group; see `seccomp`
landlock           files other than those given; see `landlock`
network namespace  the network and System V IPC, should seccomp be missing
uid                files, processes and signals of everyone else, the grader's
                   above all: the layer that counts
capabilities       root's powers, where a root worker keeps root's uid
=================  ===========================================================

The policy ``local`` takes what there is: it protects a student's own machine
against accidents, not against malice. ``strict`` refuses to start without the
uid. Outside Linux there are process groups and rlimits.

Imports nothing of the project but errors and the layers.
"""

from __future__ import annotations

import os
import resource
import signal
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from minigrade.boundary import landlock, linux, rehearsal, seccomp
from minigrade.errors import InternalError, UsageError

UIDS_PER_GRADER = rehearsal.UIDS_PER_GRADER
_CAP_DAC_READ_SEARCH = 2


@dataclass(frozen=True)
class Limits:
    """What one process of a worker may use.

    Attributes:
        memory_bytes: address space. It counts what is reserved, not only what is used.
        cpu_s: processor time, all threads together.
        file_bytes: the size of any one file that it writes.
        open_files: file descriptors.
        processes: processes and threads of the uid; only with a uid of its own.
    """

    memory_bytes: int = 4 * 2**30
    cpu_s: int = 600
    file_bytes: int = 64 * 2**20
    open_files: int = 64
    processes: int = 256


@dataclass(frozen=True)
class Plan:
    """The layers that can be had here.

    Attributes:
        uid: the first of `UIDS_PER_GRADER` uids for workers; None for the grader's own.
        network_namespace: a network without interfaces, and System V IPC of its own.
        seccomp: a filter of system calls.
        landlock: only given files.
        capabilities: without a uid drop, root's capabilities are given up.
        no_new_privileges: exec gains nothing.
        limits: what one process may use.
        skipped: a sentence for each layer that cannot be had, with its reason.
    """

    uid: int | None = None
    network_namespace: bool = False
    seccomp: bool = False
    landlock: bool = False
    capabilities: bool = False
    no_new_privileges: bool = False
    limits: Limits = field(default_factory=Limits)
    skipped: tuple[str, ...] = ()

    @property
    def layers(self) -> tuple[str, ...]:
        """The names of the active layers, for the report."""
        active = {
            "process group": True,
            "rlimits": True,
            "no new privileges": self.no_new_privileges,
            "seccomp": self.seccomp,
            "landlock": self.landlock,
            "network namespace": self.network_namespace,
            "uid": self.uid is not None,
            "capabilities": self.capabilities,
        }
        return tuple(name for name, is_active in active.items() if is_active)

    def to_plain(self) -> dict[str, Any]:
        """Return the plan as a value that `minigrade.boundary.wire` carries."""
        return {**asdict(self), "skipped": list(self.skipped)}

    @classmethod
    def from_plain(cls, plain: dict[str, Any]) -> Plan:
        """Return the plan of which `plain` was made."""
        limits = Limits(**plain["limits"])
        return cls(**{**plain, "limits": limits, "skipped": tuple(plain["skipped"])})


def interpreter_paths() -> list[Path]:
    """Return what a forked interpreter must be able to read: itself and its modules."""
    places = (
        sys.prefix, sys.exec_prefix, sys.base_prefix, sys.base_exec_prefix,
        sys.executable, *sys.path,
    )  # fmt: skip
    return [path for path in map(Path, dict.fromkeys(places)) if path.is_absolute()]


def survey(policy: str, needed: Iterable[Path], limits: Limits | None = None) -> Plan:
    """Return the layers that can be had here.

    Changes nothing in this process, but that it holds the name of its block of uids.

    Args:
        policy: ``local`` or ``strict``.
        needed: what workers must be able to read: `interpreter_paths`, the submission.
        limits: other limits than the default ones.

    Raises:
        UsageError: there is no such policy, or ``strict`` cannot be had. Names the
            directory that is in the way, and the remedy.
    """
    if policy not in ("local", "strict"):
        raise UsageError(f"there is no isolation policy {policy!r}; expected 'local' or 'strict'")
    is_linux = linux.machine() is not None
    found = rehearsal.rehearse([path.absolute() for path in needed])
    obstacles = {"uid": found.uid_obstacle, "network namespace": found.namespace_obstacle}
    has_seccomp, has_landlock = seccomp.available(), landlock.abi() > 0
    if not has_seccomp:
        obstacles["seccomp"] = "not on this system" if not is_linux else "the kernel has none"
    if not has_landlock:
        obstacles["landlock"] = (
            "not on this system" if not is_linux
            else "the kernel has none, or it is not switched on (boot with lsm=landlock,…)"
        )  # fmt: skip
    if policy == "strict" and found.uid_obstacle:
        raise UsageError(
            "the policy strict gives every worker a uid of its own, which cannot be had here: "
            f"{found.uid_obstacle}. (The policy local does without, and protects against "
            "accidents only.)"
        )
    return Plan(
        uid=found.uid,
        network_namespace=not found.namespace_obstacle,
        seccomp=has_seccomp,
        landlock=has_landlock,
        capabilities=is_linux and os.geteuid() == 0 and found.uid is None,
        no_new_privileges=is_linux,
        limits=limits or Limits(),
        skipped=tuple(f"{layer}: {why}" for layer, why in obstacles.items() if why),
    )


def of_forked(plan: Plan) -> Plan:
    """Return `plan`, which the parent surveyed, for this forked grader: with uids of its own.

    Raises:
        InternalError: all uids set aside are in use.
    """
    if plan.uid is None:
        return plan
    uid = rehearsal.claim_uids()
    if uid is None:
        raise InternalError("graders on this machine use all uids set aside; use fewer --jobs")
    return replace(plan, uid=uid)


def enter(
    plan: Plan, *, readable: Sequence[Path], writable: Sequence[Path], uid: int | None
) -> None:
    """Lock this process in for good. It is freshly forked, and has called setsid.

    The order matters: files are named before the uid that could not reach them is
    taken on, and the filter, which refuses part of the above, comes last.

    Args:
        plan: of `survey`.
        readable: files and folders to read, beside the interpreter's and the system's.
        writable: folders to write in; with a uid, they must belong to it.
        uid: the uid to take on, from `plan.uid` on; None if the plan has none.

    Raises:
        InternalError: a layer that the plan promises cannot be had. The process
            may be locked in by half and must end.
    """
    if (uid is None) != (plan.uid is None):
        raise InternalError(f"a plan with uid {plan.uid} was entered with uid {uid}")
    parent = os.getppid()
    layer = "rlimits"
    try:
        _limit(plan.limits, own_uid=uid is not None)
        if plan.no_new_privileges:
            layer = "no new privileges"
            linux.prctl(linux.PR_SET_NO_NEW_PRIVS, 1)
        if plan.network_namespace:
            layer = "network namespace"
            linux.unshare(linux.CLONE_NEWNET | linux.CLONE_NEWIPC)
        if plan.landlock:
            layer = "landlock"
            landlock.apply(readable, writable)
        if uid is not None:
            layer = "uid"
            linux.become(uid)
        if plan.capabilities:
            layer = "capabilities"
            linux.drop_capabilities(_CAP_DAC_READ_SEARCH)  # a Python below a 0700 home
        die_with_parent(parent)  # a change of uid undoes it
        if plan.seccomp:
            layer = "seccomp"
            seccomp.apply()
    except (OSError, ValueError) as error:
        raise InternalError(
            f"the layer {layer!r} was found on this machine, but cannot be applied: {error}"
        ) from error


def shield_grader() -> None:
    """Keep processes of the same user from reading this one's memory (and debuggers too)."""
    if linux.machine() is not None:
        linux.prctl(linux.PR_SET_DUMPABLE, 0)


def adopt_orphans() -> None:
    """Become the parent of this process's descendants whose parents end, to wait for them."""
    if linux.machine() is not None:
        linux.prctl(linux.PR_SET_CHILD_SUBREAPER, 1)


def die_with_parent(parent: int | None = None) -> None:
    """Have this process killed when the thread that started it ends.

    Without this (outside Linux) a process notices that its channel is closed.

    Args:
        parent: the parent's process id, if known: should it have ended before this
            call, this process ends here.
    """
    if linux.machine() is None:
        return
    linux.prctl(linux.PR_SET_PDEATHSIG, signal.SIGKILL)
    if parent is not None and os.getppid() != parent:
        os._exit(70)


def _limit(limits: Limits, *, own_uid: bool) -> None:
    """Lower this process's resource limits."""
    _lower(resource.RLIMIT_CORE, 0)
    _lower(resource.RLIMIT_CPU, limits.cpu_s, grace=5)
    _lower(resource.RLIMIT_FSIZE, limits.file_bytes)
    _lower(resource.RLIMIT_NOFILE, limits.open_files)
    if sys.platform == "linux":  # macOS takes the call, or does not, and never enforces it
        _lower(resource.RLIMIT_AS, limits.memory_bytes)
    if own_uid:  # it counts all processes of a uid: a student's desktop, for one
        _lower(resource.RLIMIT_NPROC, limits.processes)


def _lower(which: int, value: int, grace: int = 0) -> None:
    """Set a soft limit, and `grace` above it the hard one; never raise a limit."""
    soft, hard = resource.getrlimit(which)
    known = [limit for limit in (soft, hard) if limit != resource.RLIM_INFINITY]
    top = value + grace if hard == resource.RLIM_INFINITY else min(value + grace, hard)
    resource.setrlimit(which, (min(value, top, *known), top))
