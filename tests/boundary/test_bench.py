"""The bench's answers, above all to text that is out to break it."""

from __future__ import annotations

import encodings.aliases
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minigrade.boundary import bench, names, wire

FILE = "minitorch/operators.py"
NO_RULES: dict[str, Any] = {
    "forbid_imports": [],
    "only_imports": None,
    "forbid_calls": [],
    "must_call": {},
    "within": [],
}


def ask(files: dict[str, str], **rules: Any) -> Any:
    """Return the bench's answer, as it comes through the wire."""
    request = {"operation": "source", "files": files, "rules": NO_RULES | rules}
    answer = bench.answer(request)
    assert wire.encode(answer)
    assert "findings" in answer, answer
    return answer


def test_findings_say_where_and_what() -> None:
    text = "import numpy as np\n\ndef f(x):\n    return np.dot(x)  # why not\n"
    assert ask({FILE: text}, forbid_calls=["numpy.dot"])["findings"] == [
        {
            "file": FILE,
            "line": 4,
            "rule": "forbid_calls",
            "function": "f",
            "message": "uses `numpy.dot`",
            "source": "return np.dot(x)  # why not",
        }
    ]


def test_stubs_and_missing_functions_are_unwritten() -> None:
    text = "def f(): raise NotImplementedError\ndef g(): return 1\n"
    answer = ask({FILE: text}, must_call={"f": ["x"], "g": ["x"], "h": ["x"]})
    assert answer["unwritten"] == ["f", "h"]


def test_errors_of_one_text_leave_the_others_judged() -> None:
    answer = ask(
        {"minitorch/a.py": "x = (\n", FILE: "import numpy\n", "minitorch/b.py": "x\0y"},
        forbid_imports=["numpy"],
    )
    assert [one["file"] for one in answer["findings"]] == [FILE]
    assert [(one["file"], one["error"]) for one in answer["errors"]] == [
        ("minitorch/a.py", "syntax"),
        ("minitorch/b.py", "syntax"),
    ]
    assert answer["errors"][0]["line"] == 1


def test_findings_are_bounded() -> None:
    text = "import numpy\n" * 5_000 + "numpy." + "x" * 10_000 + "\n"
    answer = ask({FILE: text}, forbid_imports=["numpy"], forbid_calls=["numpy"])
    assert len(answer["findings"]) == bench.FINDINGS_LIMIT
    assert answer["more"] == 5_001 - bench.FINDINGS_LIMIT


def test_lone_surrogates_can_be_sent() -> None:
    text = "import numpy\ngetattr(numpy, '\\udcff')\n"
    found = ask({FILE: text}, forbid_calls=["numpy"])["findings"]
    assert "uses `numpy.?`" in [one["message"] for one in found]


def test_a_mistake_of_ours_is_an_answer() -> None:
    for request in ({}, {"operation": "nonsense"}, {"operation": "source", "files": 3}):
        answer = bench.answer(request)
        assert answer["error"] == "internal"
        assert wire.encode(answer)


EVERYTHING: dict[str, Any] = {
    "forbid_imports": ["numpy"],
    "only_imports": ["math"],
    "forbid_calls": ["builtins.sum", "*.einsum", "@", "*"],
    "must_call": {"sum": ["reduce"], "Module.train": ["*.modules"]},
}


@given(st.binary(max_size=200), st.booleans())
def test_bytes_never_break_the_bench(data: bytes, limited: bool) -> None:
    ask({FILE: data.decode("latin-1")}, **EVERYTHING, within=["sum"] if limited else [])


@given(st.sampled_from(sorted({*encodings.aliases.aliases.values(), "idna", "undefined"})),
       st.binary(max_size=40))  # fmt: skip
def test_encodings_never_break_the_bench(codec: str, data: bytes) -> None:
    text = f"# coding: {codec}\n".encode() + data
    ask({FILE: text.decode("latin-1")}, **EVERYTHING)


SOURCES = sorted(Path(names.__file__).parent.glob("*.py"))


@given(st.data())
def test_damaged_python_never_breaks_the_bench(data: st.DataObject) -> None:
    """Lines of real files are left out, doubled and swapped, so that some still parse."""
    lines = data.draw(st.sampled_from(SOURCES)).read_bytes().splitlines(keepends=True)
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(lines) - 1))
        other = data.draw(st.integers(0, len(lines) - 1))
        lines[at] = data.draw(
            st.sampled_from([b"", lines[at] * 2, lines[other], b"    " + lines[at]])
        )
    ask({FILE: b"".join(lines).decode("latin-1")}, **EVERYTHING)


@pytest.mark.parametrize(
    "expression",
    [
        "'-' * 100_000 + '1'",
        "'(' * 100_000 + ')' * 100_000",
        "'not ' * 100_000 + '1'",
        "'x' + '.y' * 60_000",
        "'+'.join(['1'] * 60_000)",
        "'f' + '()' * 60_000",
        "'x = ' * 60_000 + '1'",
        "'9' * 400_000",
        "'lambda: ' * 50_000 + '1'",
        "'[' * 150 + '[x for x in y]' + ']' * 150",
        "'if x: pass\\n' + 'elif x: pass\\n' * 30_000",
        "''.join(f'x{i + 1} = x{i}\\n' for i in range(20_000))",
        "'import numpy;' * 30_000",
        "'\\n'.join(' ' * i + 'if x:' for i in range(99)) + ' pass'",
        "'f\"' + '{x:' * 200 + '}' * 200 + '\"'",
    ],
)
def test_exploding_text_ends_its_own_process_at_most(expression: str) -> None:
    """The bench answers, or dies by a signal; in no case does it raise or hang."""
    program = (
        "from minigrade.boundary import bench, wire\n"
        f"text = {expression}\n"
        f"rules = {NO_RULES | EVERYTHING!r}\n"
        f"files = {{{FILE!r}: text}}\n"
        "answer = bench.answer({'operation': 'source', 'files': files, 'rules': rules})\n"
        "wire.encode(answer)\n"
        "assert 'findings' in answer, answer\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], check=False, capture_output=True, timeout=120
    )
    assert done.returncode <= 0, done.stderr.decode()
