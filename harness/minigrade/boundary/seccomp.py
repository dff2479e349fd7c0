"""Deny a worker the system calls that student code never needs: seccomp, by hand.

The filter is a list of refusals, not of permissions: which calls NumPy, numba
and LLVM make differs from one version to the next, and a list of permissions
that is one call short breaks honest submissions. A refused call fails with
EPERM, so that Python raises `PermissionError` and the student is told where.

What is refused, and why:

* Sockets, all of them. No network, and no AF_UNIX either: Docker, X11, D-Bus
  and ssh-agent listen on such sockets, and Landlock does not guard them.
  NumPy and numba open none. `socketpair` stays for streams (asyncio and
  multiprocessing use it); a datagram pair could be connected elsewhere.
* setsid, setpgid, and clone with CLONE_PARENT: a worker's processes stay in
  its process group and below it, which is how they are stopped and killed.
* Reading or steering other processes, and the namespaces, mounts, keys,
  clocks, modules, and tracing facilities of the kernel. inotify, fanotify and
  F_NOTIFY could watch for the moment at which a file is written.
* Changing modes, owners and attributes, and truncating by path: Landlock
  guards the contents of files, but (at least at first) none of these.
* System V IPC and POSIX queues: a hidden worker could leave notes there for a
  public one.
* clone3 gets ENOSYS: its flags lie in memory that a filter cannot read, and
  the C library falls back to clone.

Signals: kill(-1) and kill(-group) are refused, so that nobody's whole session
ends with a worker. A filter cannot tell a worker's own child from any other
process, so other processes are guarded by Landlock (kernel 6.12 and later) and
by the worker's own uid.

Threads, fork and exec are allowed; this filter holds for all descendants.
"""

from __future__ import annotations

import functools
import struct

from minigrade.boundary import linux

ALLOW = 0x7FFF_0000
KILL = 0x8000_0000  # the process
REFUSE = 0x0005_0000  # plus the errno
EPERM, ENOSYS = 1, 38

ARCHITECTURES = {"x86_64": 0xC000_003E, "aarch64": 0xC000_00B7}  # linux/audit.h
X32_BIT = 0x4000_0000

# Numbers on x86-64 and on aarch64; None where that machine has no such call.
REFUSED: dict[str, tuple[int | None, int | None]] = {
    # sockets
    "socket": (41, 198),
    "connect": (42, 203),
    "accept": (43, 202),
    "bind": (49, 200),
    "listen": (50, 201),
    "accept4": (288, 242),
    # leaving the process group
    "setpgid": (109, 154),
    "setsid": (112, 157),
    # other processes
    "ptrace": (101, 117),
    "migrate_pages": (256, 238),
    "move_pages": (279, 239),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "kcmp": (312, 272),
    "pidfd_getfd": (438, 438),
    "process_madvise": (440, 440),
    "process_mrelease": (448, 448),
    # namespaces and mounts
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "mount": (165, 40),
    "umount2": (166, 39),
    "unshare": (272, 97),
    "setns": (308, 268),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fspick": (433, 433),
    "mount_setattr": (442, 442),
    # watching files, and reaching them without a path
    "inotify_init": (253, None),
    "inotify_add_watch": (254, 27),
    "inotify_init1": (294, 26),
    "fanotify_init": (300, 262),
    "fanotify_mark": (301, 263),
    "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265),
    # modes, owners, attributes, truncation by path
    "truncate": (76, 45),
    "chmod": (90, None),
    "fchmod": (91, 52),
    "chown": (92, None),
    "fchown": (93, 55),
    "lchown": (94, None),
    "setxattr": (188, 5),
    "lsetxattr": (189, 6),
    "fsetxattr": (190, 7),
    "removexattr": (197, 14),
    "lremovexattr": (198, 15),
    "fremovexattr": (199, 16),
    "fchownat": (260, 54),
    "fchmodat": (268, 53),
    "fchmodat2": (452, 452),
    "setxattrat": (463, 463),
    "removexattrat": (466, 466),
    "file_setattr": (469, 469),
    # shared memory and queues that outlive a process
    "shmget": (29, 194),
    "shmat": (30, 196),
    "shmctl": (31, 195),
    "semget": (64, 190),
    "semop": (65, 193),
    "semctl": (66, 191),
    "msgget": (68, 186),
    "msgsnd": (69, 189),
    "msgrcv": (70, 188),
    "msgctl": (71, 187),
    "semtimedop": (220, 192),
    "mq_open": (240, 180),
    "mq_unlink": (241, 181),
    # the kernel itself
    "syslog": (103, 116),
    "personality": (135, 92),
    "vhangup": (153, 58),
    "modify_ldt": (154, None),
    "adjtimex": (159, 171),
    "acct": (163, 89),
    "settimeofday": (164, 170),
    "swapon": (167, 224),
    "swapoff": (168, 225),
    "reboot": (169, 142),
    "sethostname": (170, 161),
    "setdomainname": (171, 162),
    "iopl": (172, None),
    "ioperm": (173, None),
    "init_module": (175, 105),
    "delete_module": (176, 106),
    "quotactl": (179, 60),
    "lookup_dcookie": (212, 18),
    "clock_settime": (227, 112),
    "kexec_load": (246, 104),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "perf_event_open": (298, 241),
    "clock_adjtime": (305, 266),
    "finit_module": (313, 273),
    "kexec_file_load": (320, 294),
    "bpf": (321, 280),
    "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "quotactl_fd": (443, 443),
}

# Calls that depend on an argument: numbers, index of the argument, operation
# and constant. The kernel reads these arguments as 32-bit integers, or their
# high half plays no part, so the low half decides.
CLONE_REFUSED = 0x7E02_8000  # NEWNS, NEWCGROUP … NEWNET, and PARENT
DEPENDENT: tuple[tuple[str, tuple[int, int], int, str, int], ...] = (
    ("clone", (56, 220), 0, "any bit of", CLONE_REFUSED),
    ("kill", (62, 129), 0, "any bit of", 0x8000_0000),  # negative: a group, or everybody
    ("prctl", (157, 167), 0, "equals", linux.PR_SET_PDEATHSIG),
    ("prlimit64", (302, 261), 0, "differs from", 0),  # somebody else's limits
    ("fcntl", (72, 25), 1, "equals", 1026),  # F_NOTIFY
    ("ioctl", (16, 29), 1, "equals", 0x5412),  # TIOCSTI types on a terminal
    ("ioctl", (16, 29), 1, "equals", 0x541C),  # TIOCLINUX pastes on one
)
SOCKETPAIR, SOCK_TYPE_BITS, SOCK_STREAM = (53, 199), 0xF, 1
CLONE3 = 435

# Classic BPF: opcodes of linux/bpf_common.h.
_LOAD, _AND, _RETURN = 0x20, 0x54, 0x06
_JUMPS = {"equals": 0x15, "at least": 0x35, "any bit of": 0x45}
_NUMBER_AT, _ARCHITECTURE_AT, _ARGUMENTS_AT = 0, 4, 16  # in struct seccomp_data


@functools.cache
def program(machine: str) -> bytes:
    """Return the filter for `machine`, a key of `ARCHITECTURES`, as the kernel reads it."""
    column = list(ARCHITECTURES).index(machine)
    refuse = REFUSE | EPERM
    code = [
        _instruction(_LOAD, _ARCHITECTURE_AT),
        *_unless_return("equals", ARCHITECTURES[machine], KILL),
        _instruction(_LOAD, _NUMBER_AT),
    ]
    if machine == "x86_64":
        code += _if_return("at least", X32_BIT, refuse)  # the same calls by other numbers
    for name in REFUSED:
        number = REFUSED[name][column]
        if number is not None:
            code += _if_return("equals", number, refuse)
    code += _if_return("equals", CLONE3, REFUSE | ENOSYS)
    for _, numbers, argument, operation, constant in DEPENDENT:
        code += _for_call(numbers[column], argument, _test(operation, constant, refuse))
    stream = [
        _instruction(_AND, SOCK_TYPE_BITS),
        *_unless_return("equals", SOCK_STREAM, refuse),
    ]
    code += _for_call(SOCKETPAIR[column], 1, stream)
    return b"".join([*code, _instruction(_RETURN, ALLOW)])


def available() -> bool:
    """Whether this kernel takes a filter for this machine. Changes nothing.

    A filter at address 0 is EFAULT where filters exist and EINVAL elsewhere.
    """
    if linux.machine() is None:
        return False
    try:
        linux.prctl(linux.PR_SET_SECCOMP, 2, None)
    except OSError as error:
        import errno

        return error.errno == errno.EFAULT
    return False


def apply() -> None:
    """Put this process and all its descendants behind the filter, for good.

    The process must have no_new_privs, and only one thread.

    Raises:
        OSError: the kernel refused, or this is no machine that we know.
    """
    import ctypes

    machine = linux.machine()
    if machine is None:
        raise OSError("no seccomp filter for this machine")
    code = program(machine)
    buffer = ctypes.create_string_buffer(code, len(code))
    header = struct.pack("@HP", len(code) // 8, ctypes.addressof(buffer))
    linux.prctl(linux.PR_SET_SECCOMP, 2, header)


def _instruction(opcode: int, constant: int, if_true: int = 0, if_false: int = 0) -> bytes:
    """Return one BPF instruction; the jumps count the instructions to skip."""
    return struct.pack("=HBBI", opcode, if_true, if_false, constant)


def _if_return(operation: str, constant: int, action: int) -> list[bytes]:
    """Return `action` from the filter where the loaded word answers to `operation`."""
    return [_instruction(_JUMPS[operation], constant, 0, 1), _instruction(_RETURN, action)]


def _unless_return(operation: str, constant: int, action: int) -> list[bytes]:
    """Return `action` from the filter where the loaded word does not answer to `operation`."""
    return [_instruction(_JUMPS[operation], constant, 1, 0), _instruction(_RETURN, action)]


def _test(operation: str, constant: int, action: int) -> list[bytes]:
    """Return the test of an entry in `DEPENDENT`."""
    if operation == "differs from":
        return _unless_return("equals", constant, action)
    return _if_return(operation, constant, action)


def _for_call(number: int, argument: int, test: list[bytes]) -> list[bytes]:
    """Return `test` on the low half of `argument`, for calls of `number` only."""
    body = [
        _instruction(_LOAD, _ARGUMENTS_AT + 8 * argument),
        *test,
        _instruction(_LOAD, _NUMBER_AT),
    ]
    return [_instruction(_JUMPS["equals"], number, 0, len(body)), *body]
