"""Whatever a submission does to its process costs the check that asked, and no other."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from minigrade.model import Report, Status

HEAD = "import os, sys, time, signal\nimport numpy as np\n"
REST = "\n\ndef negate(x):\n    return -x\n\n\ndef pair(x, y):\n    return x, y\n"

ATTACKS = {
    "endless_loop": ("while True: pass", Status.TIMED_OUT, "did not finish within 1 s"),
    "infinite_recursion": ("return double(x)", Status.RAISED, "RecursionError"),
    "exit": ("os._exit(0)", Status.CRASHED, "exit status 0"),
    "sys_exit": ("sys.exit(0)", Status.RAISED, "SystemExit"),
    "keyboard_interrupt": ("raise KeyboardInterrupt", Status.RAISED, "KeyboardInterrupt"),
    "segfault": (
        "import ctypes\n    return ctypes.string_at(0)",
        Status.CRASHED,
        "segmentation fault",
    ),
    "abort": ("os.abort()", Status.CRASHED, "aborted"),
    "ten_gigabytes": (
        "return float(np.ones(10 * 2**30, np.uint8)[0])",
        Status.RAISED,
        "Memory",
    ),
    "gigabyte_of_output": (
        "for _ in range(1024): print('x' * 2**20)\n    return 2 * x + 1",
        Status.CRASHED,
        "printed more than 16 MB",
    ),
    "closed_pipes": (
        "os.closerange(0, 1000)\n    return 2 * x",
        Status.CRASHED,
        "The process that runs",
    ),
    "closed_output": ("sys.stdout.close(); sys.stderr.close()\n    return x", Status.FAILED, "got"),
    "forged_answer": (
        "os.write(3, b'\\0\\0\\0\\4\\0\\0\\0\\0\\x93\\1\\2\\3')\n    return 2 * x",
        Status.CRASHED,
        "no message",
    ),
    "forged_garbage": (
        "os.write(3, b'\\xff' * 100)\n    return 2 * x",
        Status.CRASHED,
        "no message",
    ),
    "kills_itself": ("os.kill(os.getpid(), signal.SIGKILL)", Status.CRASHED, "killed"),
    "kills_its_parent": ("os.kill(os.getppid(), signal.SIGKILL)\n    time.sleep(9)", None, ""),
    "strange_exception": (
        "class Odd(Exception):\n        def __str__(self): raise ValueError\n    raise Odd",
        Status.RAISED,
        "Odd",
    ),
    "strange_value": ("return object()", Status.FAILED, "no plain number"),
    "liar": (
        "class Liar(float):\n        __eq__ = lambda self, other: True\n    return Liar(7)",
        Status.FAILED,
        "Liar",
    ),
}


def outcomes(report: Report) -> dict[str, Status]:
    return {outcome.id: outcome.status for outcome in report.outcomes}


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_costs_its_own_check_only(name: str, graded: Callable[..., Report]) -> None:
    body, status, message = ATTACKS[name]
    report = graded(numbers=f"{HEAD}\n\ndef double(x):\n    {body}\n{REST}")
    found = {outcome.id: outcome for outcome in report.outcomes}
    hit = found.pop("1/scales[double]")
    assert hit.status is status or (status is None and not hit.status.passed)
    assert message in hit.message
    assert {outcome.status for outcome in found.values()} == {Status.PASSED}, found
    assert report.headline


IMPORT_ATTACKS = {
    "system_exit": "raise SystemExit(0)",
    "exit": "import os; os._exit(0)",
    "syntax_error": "def reverse(word:\n",
    "nul_bytes": b"def reverse(word):\n    return '\0'\n",
    "bad_encoding": b"# \xff\xfe\nX = '\xff'\n",
    "endless_nesting": "x = " + "-" * 100_000 + "1\n",
    "deep_parentheses": "x = " + "(" * 10_000 + ")" * 10_000 + "\n",
    "missing_module": "from .never_carried_over import thing\n",
    "raises": "raise ValueError('not today')\n",
    "recursion": "def f(): f()\nf()\n",
}


@pytest.mark.parametrize("name", IMPORT_ATTACKS)
def test_a_file_that_does_not_load_costs_the_checks_that_need_it(
    name: str, graded: Callable[..., Report]
) -> None:
    report = graded(words=IMPORT_ATTACKS[name])
    found = {outcome.id: outcome for outcome in report.outcomes}
    hit = found.pop("2/reverses")
    assert not hit.status.passed
    assert "tinypack/words.py does not import" in hit.message
    assert {outcome.status for outcome in found.values()} == {Status.PASSED}
    assert "words.py does not import" in report.headline


@pytest.mark.slow
def test_a_file_that_never_finishes_loading_costs_the_checks_that_need_it(
    graded: Callable[..., Report], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("minigrade.boundary.session.LOAD_LIMIT_S", 1.0)
    report = graded(words="while True: pass\n")
    assert outcomes(report)["1/pairs"] is Status.PASSED
    assert "did not finish" in report.outcomes[-1].message


def test_a_syntax_error_is_named_with_file_and_line(graded: Callable[..., Report]) -> None:
    report = graded(words="def reverse(word):\n    return word[::-1\n")
    hit = report.outcomes[-1]
    assert hit.location == "tinypack/words.py:2"
    assert hit.frames[-1].source == "return word[::-1"


def test_a_worker_holds_neither_hypothesis_nor_the_grader(graded: Callable[..., Report]) -> None:
    spy = (
        "import gc, sys\n\n\ndef double(x):\n"
        "    names = sorted(n for n in sys.modules if n.startswith(('hypothesis', 'minigrade')))\n"
        "    raise ValueError(' '.join(names))\n"
    )
    report = graded(numbers=spy + REST)
    modules = report.outcomes[0].message.split()
    assert "minigrade.boundary.worker" in modules
    allowed = {"minigrade", "minigrade.errors", "minigrade.probing", "minigrade.boundary"}
    assert not [
        name
        for name in modules
        if name.startswith("hypothesis")
        or (
            name.startswith("minigrade")
            and name not in allowed
            and not name.startswith("minigrade.boundary.")
        )
    ]


def test_a_worker_cannot_find_expectations_or_seeds_in_its_memory(
    graded: Callable[..., Report],
) -> None:
    spy = (
        "import gc\n\n\ndef double(x):\n"
        "    found = [o for o in gc.get_objects() if isinstance(o, (dict, str))]\n"
        "    seen = ' '.join(repr(o)[:200] for o in found)\n"
        "    return 2 * x if 'SIGNS' not in seen and 'hidden_points' not in seen else 0.0\n"
    )
    report = graded(numbers=spy + REST)
    assert report.outcomes[0].status is Status.PASSED


def test_kernels_have_two_threads_on_a_machine_with_one_core(
    graded: Callable[..., Report],
) -> None:
    """What iterations of a parallel loop share would otherwise show on some machines only."""
    counts = "import numba\n\n\ndef double(x):\n    return x * numba.config.NUMBA_NUM_THREADS\n"
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(cores)})
    try:
        report = graded(numbers=counts + REST)
    finally:
        os.sched_setaffinity(0, cores)
    assert report.outcomes[0].status is Status.PASSED


def test_what_a_submission_prints_is_shown_where_it_fails(graded: Callable[..., Report]) -> None:
    report = graded(numbers="def double(x):\n    print('thinking about', x)\n    return x\n" + REST)
    assert "thinking about" in report.outcomes[0].printed


def test_no_process_outlives_a_grading(graded: Callable[..., Report], tmp_path: Path) -> None:
    forks = (
        "import os, time\n\n\ndef double(x):\n    pid = os.fork()\n    if pid == 0:\n"
        "        time.sleep(60)\n        os._exit(0)\n    print('child', pid)\n    return x\n"
    )
    report = graded(numbers=forks + REST)
    pids = [
        int(line.split()[1])
        for outcome in report.outcomes
        for line in outcome.printed.splitlines()
        if line.startswith("child")
    ]
    assert pids
    for pid in pids:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            continue
        state = Path(f"/proc/{pid}/stat")
        assert not state.exists() or state.read_text().split()[2] == "Z"
