from __future__ import annotations

import io
import re
import subprocess
import sys
from collections.abc import Callable
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from minigrade.edges.presentable import earned_all
from minigrade.edges.text import outcome_text, print_report, progress_line
from minigrade.model import Frame, Outcome, Report, Status, TaskResult, Visibility

Make = Callable[..., Outcome]
MakeReport = Callable[..., Report]

COLOUR = re.compile(r"\x1b\[[0-9;]*m")


def printed(report: Report, width: int = 80, **options: object) -> str:
    medium = io.StringIO()
    print_report(report, Console(file=medium, width=width, **options))  # type: ignore[arg-type]
    return medium.getvalue()


@settings(max_examples=60)
@given(data=st.data(), width=st.sampled_from([80, 80, 40, 200]))
def test_fits_and_is_the_same_every_time(
    reports: st.SearchStrategy[Report], data: st.DataObject, width: int
) -> None:
    report = data.draw(reports)
    text = printed(report, width)
    assert text == printed(report, width)
    assert "\x1b" not in text
    assert all(cell_len(line) <= min(width, 100) for line in text.split("\n"))


@settings(max_examples=60)
@given(data=st.data())
def test_every_outcome_that_lacks_something_has_one_heading(
    reports: st.SearchStrategy[Report], data: st.DataObject
) -> None:
    report = data.draw(reports)
    found = re.findall(r"^(?:PARTLY|[A-Z_]+)  (check_\d+)", printed(report), re.MULTILINE)
    lacking = [
        outcome.check.split("[")[0] for outcome in report.outcomes if not earned_all(outcome)
    ]
    assert sorted(found) == sorted(lacking)


@settings(max_examples=60)
@given(data=st.data())
def test_colour_says_nothing_that_words_do_not(
    reports: st.SearchStrategy[Report], data: st.DataObject
) -> None:
    report = data.draw(reports)
    coloured = printed(report, force_terminal=True, color_system="truecolor")
    assert COLOUR.sub("", coloured) == printed(report)


@settings(max_examples=60)
@given(data=st.data())
def test_progress_is_one_line_of_80_columns(
    reports: st.SearchStrategy[Report], data: st.DataObject
) -> None:
    for outcome in data.draw(reports).outcomes:
        line = progress_line(outcome).plain
        assert cell_len(line) == 80
        assert f"{outcome.task}  {outcome.check}" in line
        good = outcome.status is Status.PASSED and outcome.points >= outcome.possible
        assert line.startswith("passed" if good else ("PARTLY", str(outcome.status.value)))


def test_a_long_name_is_cut_in_a_progress_line(outcome_of: Make) -> None:
    line = progress_line(outcome_of("漢" * 200)).plain
    assert cell_len(line) == 80
    assert line.endswith("漢...  1 of 1")


def test_reads_from_top_to_bottom(outcome_of: Make, report_of: MakeReport) -> None:
    failed = outcome_of(
        "multiplies[mul]",
        status=Status.FAILED,
        sentence="A product is a product.",
        message="expected 6.0, got 5.0",
        case="import minitorch\n\nminitorch.operators.mul(2.0, 3.0)",
        expected="6.0",
        observed="5.0",
        frames=(Frame("minitorch/operators.py", 12, "mul", "return x + y"),),
        printed="debug\nmore debug",
        replay="minigrade replay 0.1 'multiplies[mul]'",
        cap=Fraction(1, 2),
    )
    report = report_of(
        outcome_of("adds"),
        failed,
        headline="Mend mul.",
        provisional=True,
        notes=["A second copy was not graded." + " Mind it." * 6],
    )
    parts = [
        "m0  Fundamentals",
        "Provisional:",
        "Fix this next",
        "  Mend mul.",
        "Task   Title          Points   Examined   Possible   Remark",
        "0.1    The task 0.1        1          2          2",
        "       Total               1          2          2",
        "Task 0.1  The task 0.1",
        "FAILED  multiplies[mul]  (0 of 1)",
        "  A product is a product.",
        "  expected 6.0, got 5.0",
        "  Until this is mended, the task keeps at most 50% of its points.",
        "  Smallest failing case:\n    import minitorch\n\n    minitorch.operators.mul(2.0, 3.0)",
        "  Expected: 6.0",
        "  Observed: 5.0",
        "  In your code:\n    minitorch/operators.py:12, in mul\n        return x + y",
        "  Your code printed:\n    debug\n    more debug",
        "  Replay: minigrade replay 0.1 'multiplies[mul]'",
        "Notes\n  * A second copy was not graded. Mind it.",
        "    Mind it.",
        "1 of 2 points; 1 of 2 checks passed.",
    ]
    text = printed(report)
    places = [text.find(f"\n{part}") for part in parts]
    assert -1 not in places, parts[places.index(-1)]
    assert places == sorted(places)
    assert "adds" not in text
    assert outcome_text(failed) in text
    assert not re.search(" $", outcome_text(failed), re.MULTILINE)


def test_the_same_failure_is_told_once(outcome_of: Make, report_of: MakeReport) -> None:
    frames = (Frame("minitorch/operators.py", 3, "<module>", "import nothing"),)
    same = {"status": Status.RAISED, "message": "ImportError: nothing", "frames": frames}
    text = printed(report_of(outcome_of("first", **same), outcome_of("second", "0.3", **same)))
    assert text.count("import nothing") == 1
    assert "As for first of task 0.1, above." in text


def test_says_who_grades_what(outcome_of: Make, report_of: MakeReport) -> None:
    zero, two = Fraction(0), Fraction(2)
    staff = TaskResult(
        id="0.2", title="Style", points=zero, examined=zero, possible=two, by_staff=True
    )
    text = printed(report_of(outcome_of(), tasks=[staff], possible=Fraction(3)))
    assert re.search(r"0\.2 +Style +- +0 +2 +by staff", text)
    assert "1 could be earned by what was examined here" in " ".join(text.split())


def test_hostile_text_is_shown_and_not_obeyed(outcome_of: Make, report_of: MakeReport) -> None:
    report = report_of(
        outcome_of(
            status=Status.RAISED,
            message="[bold]loud[/bold] :smile: [/]",
            printed="\x1b[2J\x1b]0;title\x07gone\rback\0",
            observed="\u202eabc\ud800",
        )
    )
    text = printed(report, force_terminal=True)
    assert "[bold]loud[/bold] :smile: [/]" in text
    assert "gone\n    back\ufffd" in text
    assert "\ufffdabc\ufffd" in text
    assert not re.search(r"\x1b(?!\[[0-9;]*m)|[\0\r\x07]", text)


def test_ten_megabytes_do_not_fill_the_terminal(outcome_of: Make, report_of: MakeReport) -> None:
    huge = "word " * 2_000_000
    outcome = outcome_of(status=Status.FAILED, message=huge, printed=huge, observed=huge, case=huge)
    assert len(printed(report_of(outcome))) < 30_000


@pytest.mark.parametrize("status", [Status.FAILED, Status.RAISED, Status.CRASHED])
def test_hidden_checks_are_named_and_no_more(
    status: Status, outcome_of: Make, report_of: MakeReport
) -> None:
    outcome = outcome_of(
        "sees_through",
        status=status,
        visibility=Visibility.HIDDEN,
        frames=(Frame("theirs.py", 1, "theirs", "theirs"),),
        **dict.fromkeys(("message", "observed", "printed", "location"), "theirs"),
    )
    for text in (printed(report_of(outcome)), outcome_text(outcome), progress_line(outcome).plain):
        assert "sees_through (hidden)" in text
        assert "theirs" not in text


def test_a_medium_that_knows_only_ascii(outcome_of: Make, report_of: MakeReport) -> None:
    bytes_ = io.BytesIO()
    medium = io.TextIOWrapper(bytes_, encoding="ascii")
    outcome = outcome_of("détours", status=Status.FAILED, message="漢 \ud800")
    console = Console(file=medium, width=80)
    console.print(progress_line(outcome, console.encoding))
    print_report(report_of(outcome, headline="é"), console)
    medium.flush()
    assert rb"d\xe9tours" in bytes_.getvalue()
    assert rb"\u6f22 \ufffd" in bytes_.getvalue()


def test_the_command_line_starts_without_rich_and_jinja() -> None:
    script = (
        "import sys, minigrade.edges.text, minigrade.edges.page\n"
        "print(*{'rich', 'jinja2', 'numpy', 'hypothesis'} & set(sys.modules))"
    )
    run = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60
    )
    assert run.stdout.strip() == ""
