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
from minigrade.running.audit import build, find_trials
from minigrade.running.catalog import find_course
from minigrade.running.runner import Request, grade
from minigrade.running.submission import find

SEEDS = range(1, 21)


@pytest.mark.long
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("assignment", ["m0", "m1", "m2"])
def test_right_work_earns_everything_under_every_seed(
    assignment: str, checkout: Path, tmp_path: Path
) -> None:
    course = find_course()
    lost = []
    variants = [trial for trial in find_trials(checkout, assignment) if trial.overlay]
    assert len(variants) >= 3
    for variant in variants:
        root = tmp_path / variant.name
        build(checkout, variant, root)
        for seed in SEEDS:
            request = Request(assignment=assignment, hidden=True, seed=seed)
            report = grade(course, request, find(root, course.course))
            lost += [(variant.name, seed, o.id, o.message) for o in report.outcomes if o.score < 1
                     and o.weight]  # fmt: skip
    assert not lost


@pytest.mark.long
@pytest.mark.timeout(3600)
@settings(max_examples=100_000, deadline=None)
@given(st.binary(max_size=400))
def test_no_bytes_make_the_decoder_raise_anything_else(data: bytes) -> None:
    with contextlib.suppress(WireError):
        wire.decode(data, b"")
    with contextlib.suppress(WireError, EOFError):
        wire.receive(io.BytesIO(data))
