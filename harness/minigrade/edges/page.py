"""Show a report as one self-contained HTML page, without scripts.

A pure function of the report: the same report makes the same bytes. The
template escapes whatever it is given, `presentable` has cleaned it before, and
the page's content security policy admits its own style sheet and nothing else.
"""

from __future__ import annotations

import functools
import itertools
import re
from typing import TYPE_CHECKING

from minigrade.edges import documents
from minigrade.edges.presentable import (
    cap_text,
    carried_text,
    earned_all,
    points_text,
    possible_text,
    presentable,
    repeats,
    sections,
    status_words,
    worth_text,
)
from minigrade.model import Outcome, Report, Status
from minigrade.running.scoring import counted

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

_TONES = {
    Status.PASSED: "good",
    Status.FAILED: "bad",
    Status.RAISED: "bad",
    Status.TIMED_OUT: "bad",
    Status.CRASHED: "bad",
    Status.INCONCLUSIVE: "open",
    Status.SKIPPED: "open",
    Status.BROKEN: "open",
}

_POLICIES = {
    "local": "Graded on one's own machine, which protects against accidents, not against malice.",
    "strict": "Graded in isolation from the machine and from other submissions.",
}

_CODE = re.compile(r"`([^`\n]+)`")


def render_page(report: Report) -> str:
    """Return `report` as an HTML document."""
    shown = presentable(report)
    parts = sections(shown)
    style, digest = documents.style("report.css")
    return (
        _environment()
        .get_template("report.html.j2")
        .render(
            report=shown,
            sections=parts,
            repeated=repeats([outcome for section in parts for outcome in section.lacking]),
            anchors={outcome.id: f"check-{i}" for i, outcome in enumerate(shown.outcomes, 1)},
            full=sum(map(earned_all, shown.outcomes)),
            policy=_POLICIES.get(shown.policy, ""),
            style=style,
            style_digest=digest,
        )
    )


@functools.cache
def _environment() -> Environment:
    environment = documents.environment()
    environment.filters.update(
        points=points_text,
        possible=possible_text,
        prose=_prose,
        words=status_words,
        tone=_tone,
        cap=cap_text,
        carried=carried_text,
        worth=worth_text,
        by_sentence=_by_sentence,
    )
    environment.globals.update(counted=counted)
    return environment


def _prose(text: str) -> Markup:
    """Return `text`, escaped, with what stands in backticks as code."""
    from markupsafe import Markup, escape

    pieces = _CODE.split(text)  # text and code take turns
    return Markup("").join(
        Markup("<code>{}</code>").format(piece) if i % 2 else escape(piece)
        for i, piece in enumerate(pieces)
    )


def _tone(outcome: Outcome) -> str:
    """Return the class of a status: good, bad or open."""
    if outcome.status is Status.PASSED and not earned_all(outcome):
        return "open"
    return _TONES[outcome.status]


def _by_sentence(outcomes: list[Outcome]) -> list[tuple[str, list[Outcome]]]:
    """Return neighbours that answer the same sentence together: a check's `each` values."""
    groups = itertools.groupby(outcomes, key=lambda outcome: outcome.sentence)
    return [(sentence, list(group)) for sentence, group in groups]
