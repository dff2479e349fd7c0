from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import strategies as st

from minigrade.edges.template import Template, make_template
from minigrade.model import Frame, Outcome, Report, Status, TaskResult, Visibility

HOSTILE = (
    "</script><script>alert(1)</script>",
    "</pre></dd></dl></article>",
    '"><img src=x onerror=alert(1)>',
    "javascript:alert(1)",
    "{{ 7 * 7 }}{% raw %}",
    "&lt;b&gt; <!-- ]]>",
    "[bold]loud[/bold] [/] [link=https://example.org]here[/link]",
    "\x1b[31mred\x1b[0m\x1b[2J\x1b]0;title\x07\x9b1m",
    "a\0b\x07\x08\x7f",
    "\u202ereversed\u202c \u2066\u200f",
    "\ud800 alone \udfff",
    "one\r\ntwo\rthree\u2028four\ttab\n\n",
    "`code` and `more",
    "wide 漢字 and 🙂 e\u0301",
    "x" * 500,
)


ASSIGNMENTS = ("m0", "m1", "m2", "m3", "m4")


@pytest.fixture(scope="session")
def templates(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Template]:
    """Make all that students start from, with nothing carried over."""
    place = tmp_path_factory.mktemp("templates")
    return {name: make_template(name, place / name, checkout=checkout) for name in ASSIGNMENTS}


@pytest.fixture(params=ASSIGNMENTS)
def template(request: pytest.FixtureRequest, templates: dict[str, Template]) -> Template:
    """Each of them, one after the other."""
    return templates[request.param]


@pytest.fixture(scope="session")
def wheel(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build minigrade's wheel."""
    place = tmp_path_factory.mktemp("wheels")
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "-o", place, checkout],
        check=True, capture_output=True,
    )  # fmt: skip
    [built] = place.glob("*.whl")
    return built


@pytest.fixture(scope="session")
def outcome_of() -> Callable[..., Outcome]:
    """Make an outcome from what a test cares about."""

    def make(check: str = "adds", task: str = "0.1", **more: Any) -> Outcome:
        status = more.setdefault("status", Status.PASSED)
        possible = more.setdefault("possible", Fraction(1))
        more.setdefault("points", possible if status is Status.PASSED else Fraction(0))
        more.setdefault("visibility", Visibility.PUBLIC)
        more.setdefault("weight", Fraction(1))
        return Outcome(
            id=f"{task}/{check}",
            task=task,
            check=check,
            kind="property",
            sentence=more.pop("sentence", "A sum is a sum."),
            **more,
        )

    return make


@pytest.fixture(scope="session")
def report_of() -> Callable[..., Report]:
    """Make a report of outcomes, with tasks to match."""

    def make(*outcomes: Outcome, **more: Any) -> Report:
        names = list(dict.fromkeys(outcome.task for outcome in outcomes))
        tasks = [
            TaskResult(
                id=name,
                title=f"The task {name}",
                points=sum((o.points for o in outcomes if o.task == name), Fraction(0)),
                examined=sum((o.possible for o in outcomes if o.task == name), Fraction(0)),
                possible=sum((o.possible for o in outcomes if o.task == name), Fraction(0)),
            )
            for name in names
        ]
        total = {
            "points": sum((task.points for task in tasks), Fraction(0)),
            "examined": sum((task.examined for task in tasks), Fraction(0)),
            "possible": sum((task.possible for task in tasks), Fraction(0)),
        }
        content: dict[str, Any] = {
            "assignment": "m0",
            "title": "Fundamentals",
            "provisional": False,
            "headline": "",
            "submission": "ada",
            "tasks": tasks,
            "outcomes": list(outcomes),
            "notes": [],
            "policy": "local",
            "layers": ["rlimits"],
            "versions": {"minigrade": "0.1.0", "numpy": "2.3.1"},
            "seed_id": "public",
            "submission_digest": "9f" * 32,
            "engine_digest": "71" * 32,
            "created_at": "2025-11-21T04:10:00Z",
        }
        return Report(**content | total | more)

    return make


@pytest.fixture(scope="session")
def hostile() -> tuple[str, ...]:
    return HOSTILE


@pytest.fixture(scope="session")
def reports(
    outcome_of: Callable[..., Outcome], report_of: Callable[..., Report]
) -> st.SearchStrategy[Report]:
    """Reports full of hostile text; only tasks and checks keep names that tests can find."""
    texts = st.one_of(
        st.just(""),
        st.sampled_from(HOSTILE),
        st.lists(st.sampled_from(HOSTILE), max_size=4).map("\n".join),
        st.text(st.characters(), max_size=20),
    )
    fractions = st.fractions(0, 2, max_denominator=7)
    frames = st.builds(Frame, file=texts, line=st.integers(0, 999), function=texts, source=texts)

    @st.composite
    def outcomes(draw: st.DrawFn, number: int) -> Outcome:
        return outcome_of(
            f"check_{number}[{draw(st.sampled_from(['add', 'mul', '<b>']))}]",
            draw(st.sampled_from(["0.1", "0.2", "1.<i>"])),
            status=draw(st.sampled_from(Status)),
            visibility=draw(st.sampled_from(Visibility)),
            possible=draw(fractions),
            points=draw(fractions),
            cap=draw(st.fractions(0, 1, max_denominator=4)),
            examined=draw(st.booleans()),
            frames=tuple(draw(st.lists(frames, max_size=12))),
            cases=draw(st.integers(0, 2000)),
            **{
                name: draw(texts)
                for name in ("sentence", "message", "case", "expected", "observed", "printed")
            },
            replay=draw(texts),
        )

    @st.composite
    def reports_(draw: st.DrawFn) -> Report:
        made = [draw(outcomes(number)) for number in range(draw(st.integers(0, 6)))]
        whole = report_of(*made)
        kept = draw(st.integers(0, len(whole.tasks)))
        return report_of(
            *made,
            tasks=[*whole.tasks[:kept], *draw(st.lists(by_hand, max_size=1))],
            provisional=draw(st.booleans()),
            headline=draw(texts),
            submission=draw(texts),
            notes=draw(st.lists(texts, max_size=2)),
            layers=draw(st.lists(texts, max_size=2)),
            policy=draw(texts),
            signature=draw(texts),
        )

    by_hand = st.builds(
        TaskResult,
        id=st.just("0.9"),
        title=texts,
        points=st.just(Fraction(0)),
        examined=st.just(Fraction(0)),
        possible=fractions,
        by_staff=st.booleans(),
        extra_credit=st.booleans(),
        remark=texts,
        link=st.one_of(texts, st.just("https://example.org/guide?a=1&b=2")),
    )
    return reports_()
