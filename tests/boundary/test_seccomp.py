"""The filter refuses what it should on both machines, as an interpreter of BPF sees it."""

from __future__ import annotations

import re
import struct
from pathlib import Path

import pytest

from minigrade.boundary import seccomp

REFUSE = seccomp.REFUSE | seccomp.EPERM
HEADERS = {
    "x86_64": Path("/usr/include/x86_64-linux-gnu/asm/unistd_64.h"),
    "aarch64": Path("/usr/include/asm-generic/unistd.h"),
}
NUMBERS = {
    "x86_64": {"clone": 56, "kill": 62, "socketpair": 53, "prctl": 157, "prlimit64": 302,
               "fcntl": 72, "ioctl": 16},
    "aarch64": {"clone": 220, "kill": 129, "socketpair": 199, "prctl": 167, "prlimit64": 261,
                "fcntl": 25, "ioctl": 29},
}  # fmt: skip
SIGCHLD, CLONE_THREAD = 17, 0x3D0F00
ARGUMENTS = [
    ("clone", (SIGCHLD,), seccomp.ALLOW),
    ("clone", (CLONE_THREAD,), seccomp.ALLOW),
    ("clone", (0x1000_0000 | SIGCHLD,), REFUSE),  # CLONE_NEWUSER
    ("clone", (0x0002_0000 | SIGCHLD,), REFUSE),  # CLONE_NEWNS
    ("clone", (0x0000_8000 | SIGCHLD,), REFUSE),  # CLONE_PARENT
    ("kill", (4242, 9), seccomp.ALLOW),
    ("kill", (0, 9), seccomp.ALLOW),
    ("kill", (2**64 - 1, 9), REFUSE),  # -1 as 64 bits, and as 32
    ("kill", (2**32 - 1, 9), REFUSE),
    ("kill", (2**32 - 4242, 9), REFUSE),
    ("socketpair", (1, 1), seccomp.ALLOW),
    ("socketpair", (1, 1 | 0o2000000 | 0o4000), seccomp.ALLOW),  # close on exec, non-blocking
    ("socketpair", (1, 2), REFUSE),
    ("socketpair", (1, 2 | 0o2000000), REFUSE),
    ("socketpair", (1, 5), REFUSE),
    ("prctl", (1, 0), REFUSE),
    ("prctl", (15, 0), seccomp.ALLOW),  # PR_SET_NAME
    ("prlimit64", (0, 7), seccomp.ALLOW),
    ("prlimit64", (1, 7), REFUSE),
    ("fcntl", (3, 1026), REFUSE),
    ("fcntl", (1026, 3), seccomp.ALLOW),
    ("ioctl", (0, 0x5412), REFUSE),
    ("ioctl", (0, 0xFFFF_FFFF_0000_5412), REFUSE),  # the kernel drops the high half
    ("ioctl", (0, 0x541C), REFUSE),
    ("ioctl", (0, 0x5413), seccomp.ALLOW),
]  # fmt: skip


def run(
    machine: str, number: int, arguments: tuple[int, ...] = (), audit: int | None = None
) -> int:
    """Return what the filter of `machine` returns for a system call."""
    audit = seccomp.ARCHITECTURES[machine] if audit is None else audit
    padded = (*arguments, *[0] * (6 - len(arguments)))
    data = struct.pack("<IIQ6Q", number, audit, 0x7F00_0000_1234, *padded)
    code = list(struct.iter_unpack("=HBBI", seccomp.program(machine)))
    at = word = 0
    while True:
        opcode, if_true, if_false, constant = code[at]
        at += 1
        match opcode:
            case 0x20:
                (word,) = struct.unpack_from("<I", data, constant)
            case 0x54:
                word &= constant
            case 0x15:
                at += if_true if word == constant else if_false
            case 0x35:
                at += if_true if word >= constant else if_false
            case 0x45:
                at += if_true if word & constant else if_false
            case 0x06:
                return int(constant)
            case _:
                raise AssertionError(f"no such instruction: {opcode:#x}")


@pytest.fixture(params=seccomp.ARCHITECTURES)
def machine(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_every_number_is_refused_or_allowed_as_listed(machine):
    column = list(seccomp.ARCHITECTURES).index(machine)
    listed = {numbers[column] for numbers in seccomp.REFUSED.values()}
    asked = set(NUMBERS[machine].values()) | {seccomp.CLONE3}
    for number in set(range(1024)) - asked:
        assert run(machine, number) == (REFUSE if number in listed else seccomp.ALLOW), number


@pytest.mark.parametrize(("name", "arguments", "expected"), ARGUMENTS)
def test_arguments_decide(machine, name, arguments, expected):
    assert run(machine, NUMBERS[machine][name], arguments) == expected


def test_clone3_looks_as_if_it_did_not_exist(machine):
    assert run(machine, 435) == seccomp.REFUSE | seccomp.ENOSYS


def test_calls_of_another_architecture_kill(machine):
    i386, arm = 0x4000_0003, 0x4000_0028
    others = {i386, arm, *seccomp.ARCHITECTURES.values()} - {seccomp.ARCHITECTURES[machine]}
    for audit in others:
        assert run(machine, 0, audit=audit) == seccomp.KILL


def test_x32_numbers_are_refused():
    for number in (0, 39, 56, 1023):
        assert run("x86_64", seccomp.X32_BIT | number) == REFUSE


def test_the_kernel_takes_programs_of_this_length(machine):
    assert len(seccomp.program(machine)) // 8 < 4096  # BPF_MAXINSNS


def test_numbers_are_those_of_the_kernels_headers(machine):
    if not HEADERS[machine].exists():
        pytest.skip("the kernel's headers are not installed")
    found = re.findall(r"#define __NR(?:3264)?_(\w+)\s+(\d+)", HEADERS[machine].read_text())
    known = {name: int(number) for name, number in found}
    column = list(seccomp.ARCHITECTURES).index(machine)
    ours = {name: numbers[column] for name, numbers in seccomp.REFUSED.items()}
    ours |= {"socketpair": seccomp.SOCKETPAIR[column], "clone3": seccomp.CLONE3}
    ours |= {name: numbers[column] for name, numbers, *_ in seccomp.DEPENDENT}
    assert len(known) > 250
    for name, number in ours.items():
        if number is None:
            assert name not in known, name
        elif name in known or number <= max(known.values()):
            assert known.get(name) == number, name
