"""How often is the grader wrong? Right work under many seeds, garbage on the wire at length."""

from __future__ import annotations

import contextlib
import io
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minigrade.boundary import wire
from minigrade.errors import WireError
from minigrade.model import Report
from minigrade.running.audit import Trial, build, find_trials
from minigrade.running.catalog import find_course
from minigrade.running.runner import Request, grade
from minigrade.running.submission import find

ROOT = Path(__file__).parents[2]
SEEDS = range(1, 21)
ASSIGNMENTS = ("m0", "m1", "m2", "m3", "m4")
RIGHT = [
    trial
    for name in ASSIGNMENTS
    for trial in (Trial(name, "reference"), *find_trials(ROOT, name))
    if not trial.mutant
]
# Mistakes of one submission, in several tasks: each costs some of its checks, not all.
MISTAKES = {
    "m2": ("shapes_that_divide", "close_is_eq", "relu_back_turned"),
    "m3": ("zip_swaps_operands", "product_of_other_batches"),
    "m4": ("conv1d_never_reversed", "average_in_five_dimensions", "max_slope_lost_among_equals"),
}


def broken(assignment: str, root: Path) -> None:
    """Make a submission with all of an assignment's mistakes."""
    known = {trial.name: trial for trial in find_trials(ROOT, assignment)}
    first, *others = (known[name] for name in MISTAKES[assignment])
    build(ROOT, first, root)
    for trial in others:
        mutant = trial.mutant
        assert mutant
        assert first.mutant
        assert mutant.base == first.mutant.base
        file = root / mutant.file
        text = file.read_text()
        assert text.count(mutant.old) == 1, trial.name
        file.write_text(text.replace(mutant.old, mutant.new))


def graded(assignment: str, root: Path) -> list[Report]:
    """Grade a submission under each seed; kernels are compiled once."""
    course = find_course()
    return [
        grade(
            course,
            Request(assignment=assignment, hidden=True, seed=seed, keep_kernels=True),
            find(root, course.course),
        )
        for seed in SEEDS
    ]


@pytest.mark.long
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("trial", RIGHT, ids=lambda trial: f"{trial.assignment}-{trial.name}")
def test_right_work_earns_everything_under_every_seed(trial: Trial, tmp_path: Path) -> None:
    build(ROOT, trial, tmp_path)
    lost = [
        (seed, outcome.id, outcome.message)
        for seed, report in zip(SEEDS, graded(trial.assignment, tmp_path), strict=True)
        for outcome in report.outcomes
        if outcome.score < 1 and outcome.weight
    ]
    assert not lost


@pytest.mark.long
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("assignment", MISTAKES)
def test_partly_wrong_work_earns_the_same_under_every_seed(assignment: str, tmp_path: Path) -> None:
    broken(assignment, tmp_path)
    reports = graded(assignment, tmp_path)
    lost = [{o.id for o in report.outcomes if not o.status.passed} for report in reports]
    assert lost == lost[:1] * len(SEEDS)
    assert {report.points for report in reports} == {reports[0].points}
    assert 0 < reports[0].points < reports[0].possible


@pytest.mark.long
@pytest.mark.timeout(3600)
@settings(max_examples=100_000, deadline=None)
@given(st.binary(max_size=400))
def test_no_bytes_make_the_decoder_raise_anything_else(data: bytes) -> None:
    with contextlib.suppress(WireError):
        wire.decode(data, b"")
    with contextlib.suppress(WireError, EOFError):
        wire.receive(io.BytesIO(data))
