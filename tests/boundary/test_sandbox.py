"""What a process that is locked in can still do, tried by real processes."""

from __future__ import annotations

import os
import signal

import pytest

from minigrade.boundary import linux, seccomp

on_linux = pytest.mark.skipif(linux.machine() is None, reason="Linux on x86-64 or aarch64 only")
as_root = pytest.mark.skipif(
    os.geteuid() != 0 or linux.machine() is None, reason="root on Linux only"
)
with_seccomp = pytest.mark.skipif(not seccomp.available(), reason="this kernel has no seccomp")


CALLS = {
    "ptrace": ({"x86_64": 101, "aarch64": 117}, [0, 0, 0, 0]),  # PTRACE_TRACEME
    "process_vm_readv": ({"x86_64": 310, "aarch64": 270}, [1, None, 0, None, 0, 0]),
    "unshare": ({"x86_64": 272, "aarch64": 97}, [0x1000_0000]),
    "clone into a user namespace": ({"x86_64": 56, "aarch64": 220}, [0x1000_0011, 0, 0, 0, 0]),
    "io_uring_setup": ({"x86_64": 425, "aarch64": 425}, [1, None]),
    "bpf": ({"x86_64": 321, "aarch64": 280}, [0, None, 0]),
    "perf_event_open": ({"x86_64": 298, "aarch64": 241}, [None, 0, -1, -1, 0]),
    "userfaultfd": ({"x86_64": 323, "aarch64": 282}, [1]),
    "inotify_init1": ({"x86_64": 294, "aarch64": 26}, [0]),
    "keyctl": ({"x86_64": 250, "aarch64": 219}, [0, -3, 0]),
    "shmget": ({"x86_64": 29, "aarch64": 194}, [0, 4096, 0o1777]),
    "mount": ({"x86_64": 165, "aarch64": 40}, [None, None, None, 0, None]),
}


@with_seccomp
class TestSeccomp:
    @pytest.mark.parametrize("family", [1, 2, 10, 16, 17])  # AF_UNIX INET INET6 NETLINK PACKET
    def test_no_sockets(self, attacks, family):
        assert attacks.try_("open_socket", family) == "EPERM"

    def test_pairs_of_stream_sockets_only(self, attacks):
        assert attacks.try_("pair_of_sockets", 1) == "allowed"
        assert attacks.try_("pair_of_sockets", 2) == "EPERM"

    @pytest.mark.parametrize("name", CALLS)
    def test_calls_that_nobody_needs(self, attacks, name):
        numbers, arguments = CALLS[name]
        number = numbers[linux.machine() or ""]
        assert attacks.try_("system_call", number, arguments) == "EPERM"

    def test_clone3_does_not_exist(self, attacks):
        assert attacks.try_("system_call", seccomp.CLONE3, [None, 0]) == "ENOSYS"

    def test_no_leaving_the_process_group(self, attacks):
        assert attacks.try_("leave_session") == ["EPERM", "EPERM", "0"]

    @pytest.mark.parametrize("name", ["outlive_parent", "limits_of_parent", "type_on_terminal"])
    def test_operations_that_nobody_needs(self, attacks, name):
        assert attacks.try_(name) == "EPERM"
        assert attacks.try_(name, plan={"seccomp": False}) != "EPERM"

    def test_no_watching_of_folders(self, attacks):
        assert attacks.try_("watch_folder", "/usr") == "EPERM"

    def test_nobodys_session_ends_with_a_worker(self, attacks):
        assert attacks.try_("signal_to", -1) == "EPERM"
        assert attacks.try_("signal_to", 0) == "allowed"

    def test_modes_and_truncation(self, attacks, tmp_path):
        file = tmp_path / "file"
        file.write_text("kept")
        for name in ("change_mode", "truncate"):
            assert attacks.try_(name, str(file), writable=[str(tmp_path)]) == "EPERM"
        assert file.read_text() == "kept"

    @pytest.mark.skipif(linux.machine() != "x86_64", reason="x86-64 only")
    def test_no_x32(self, attacks):
        x32_getpid = seccomp.X32_BIT | 39
        assert attacks.try_("system_call", x32_getpid, []) == "EPERM"

    @pytest.mark.skipif(linux.machine() != "x86_64", reason="x86-64 only")
    def test_calls_of_i386_kill(self, attacks):
        if attacks.try_("alien_call", plan={"seccomp": False}) != 0:
            pytest.skip("this kernel has no 32-bit system calls")
        assert attacks.try_("alien_call") == {"ended": -signal.SIGSYS}


# Limits


class TestLimits:
    @on_linux
    def test_memory(self, attacks):
        told = attacks.try_("allocate", 2**31, limits={"memory_bytes": 2**30})
        assert told["raised"] == "MemoryError"
        assert attacks.try_("allocate", 2**26, limits={"memory_bytes": 2**30}) == str(2**26)

    def test_file_size(self, attacks, tmp_path):
        given = {"writable": [str(tmp_path)], "limits": {"file_bytes": 2**20}}
        assert attacks.try_("write_much", str(tmp_path / "big"), 2**21, **given) == "EFBIG"
        assert attacks.try_("write_much", str(tmp_path / "small"), 2**20, **given) == "allowed"

    def test_open_files(self, attacks):
        assert attacks.try_("open_many", 100) == "EMFILE"
        assert attacks.try_("open_many", 30) == "allowed"

    def test_processor_time(self, attacks):
        assert attacks.try_("burn", limits={"cpu_s": 1}) == {"ended": -signal.SIGXCPU}

    @on_linux
    def test_limits_cannot_be_raised(self, attacks):
        assert attacks.try_("raise_limits") == ["not allowed to raise maximum limit"] * 3

    def test_limits_are_never_raised(self, attacks):
        given = {"limits": {"open_files": 2**40}}
        assert "raised" not in attacks.try_("ordinary_things", **given)


# Ordinary work


def test_ordinary_things_work(attacks):
    assert attacks.try_("ordinary_things") == {
        "thread": [1],
        "program": "two\n",
        "fork": 3,
        "terminated": -signal.SIGTERM,
        "asyncio": 4,
        "random": 5,
        "group": True,
        "limits": [0, 0],
    }


@pytest.mark.slow
def test_numpy_and_parallel_numba_work(attacks, tmp_path):
    done = attacks.try_("numeric_things", writable=[str(tmp_path)])
    assert done == [499500.0, 300.0, 300.0]


# Privileges


class TestPrivileges:
    @on_linux
    def test_no_new_privileges_and_a_filter(self, attacks):
        assert attacks.try_("status", "NoNewPrivs", "Seccomp") == ["1", "2"]

    @as_root
    def test_root_without_a_uid_to_drop_to_loses_its_capabilities(self, attacks):
        given = {"capabilities": True, "landlock": False}
        only_reading = f"{1 << 2:016x}"
        assert attacks.try_("status", "CapEff", "CapPrm", plan=given) == [only_reading] * 2
        assert attacks.try_("status_of_program", plan=given) == only_reading

    @as_root
    def test_the_network_is_empty(self, attacks):
        if not attacks.plan["network_namespace"]:
            pytest.skip("no network namespace here")
        assert attacks.try_("interfaces", plan={"seccomp": False}) == ["lo"]

    def test_the_uid_is_really_another(self, with_uid):
        uid = with_uid.plan["uid"]
        assert uid is not None
        own = {"uid": uid}
        assert with_uid.try_("identity", plan=own) == [[uid] * 3, [uid] * 3, []]
        assert with_uid.try_("change_back", plan=own) == ["EPERM"] * 3
        assert with_uid.try_("status", "CapEff", "CapPrm", plan=own) == ["0" * 16] * 2

    def test_the_uid_alone_guards_files_and_processes(self, with_uid):
        alone = {"uid": with_uid.plan["uid"], "landlock": False, "seccomp": False}
        assert with_uid.try_("read", "/etc/shadow", plan=alone)["raised"] == "PermissionError"
        assert with_uid.try_("read_memory_of_parent", plan=alone) == "EACCES"
        assert with_uid.try_("signal_parent", plan=alone) == "EPERM"

    def test_the_uid_alone_bounds_processes(self, with_uid):
        own = {"uid": with_uid.plan["uid"]}
        assert with_uid.try_("fork_many", 20, plan=own, limits={"processes": 8}) == "EAGAIN"
        assert with_uid.try_("fork_many", 20, plan=own) == "allowed"

    def test_ordinary_things_work_with_a_uid(self, with_uid):
        done = with_uid.try_("ordinary_things", plan={"uid": with_uid.plan["uid"]})
        assert done["program"] == "two\n"
