from __future__ import annotations

import base64
import hashlib
import itertools
import os
import re
import subprocess
import sys
from collections.abc import Callable
from fractions import Fraction
from html.parser import HTMLParser
from importlib import resources

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minigrade.edges.page import render_page
from minigrade.edges.presentable import earned_all
from minigrade.interchange import from_json, to_json
from minigrade.model import Frame, Outcome, Report, Status, Visibility

Make = Callable[..., Outcome]
MakeReport = Callable[..., Report]

VOID = {"meta", "br", "img", "link", "input", "hr"}
ELEMENTS = re.compile(
    "html|head|meta|title|style|body|header|main|footer|section|article|details|summary|h[1-3]|p|a|"
    "span|strong|code|pre|time|ul|ol|li|dl|div|dt|dd|table|thead|tbody|tfoot|tr|th|td"
)


class Page(HTMLParser):
    """A page, read as a browser reads it; fails where tags do not match."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[tuple[str, dict[str, str | None]]] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[tuple[str, str]] = []
        self.feed(text)
        self.close()
        assert not self.open, f"left open: {self.open}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len(dict(attrs)) == len(attrs), f"an attribute twice: {attrs}"
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> without a beginning"
        assert self.open.pop()[0] == tag, f"</{tag}> ends another element"

    def handle_data(self, data: str) -> None:
        self.texts.append((self.open[-1][0] if self.open else "", data))

    def all(self, name: str) -> list[str]:
        return [value for _, attributes in self.elements if (value := attributes.get(name))]

    def text(self) -> str:
        return "".join(data for tag, data in self.texts if tag != "style")


@settings(max_examples=80)
@given(data=st.data())
def test_whatever_a_report_holds_the_page_is_sound(
    reports: st.SearchStrategy[Report], data: st.DataObject
) -> None:
    report = data.draw(reports)
    html = render_page(report)
    page = Page(html)
    assert html == render_page(report)
    assert html.encode().decode() == html
    assert all(ELEMENTS.fullmatch(tag) for tag, _ in page.elements)
    assert not [name for _, attributes in page.elements for name in attributes if name[:2] == "on"]
    assert not page.all("style")
    assert not page.all("src")
    anchors = page.all("id")
    assert len(set(anchors)) == len(anchors)
    for link in page.all("href"):
        assert link.startswith("https://example.org/") or link.removeprefix("#") in anchors
    for name in page.all("aria-labelledby"):
        assert name in anchors


@settings(max_examples=80)
@given(data=st.data())
def test_every_outcome_appears_exactly_once(
    reports: st.SearchStrategy[Report], data: st.DataObject
) -> None:
    report = data.draw(reports)
    page = Page(render_page(report))
    assert sorted(page.all("data-check")) == sorted(outcome.id for outcome in report.outcomes)
    cards = [a["data-check"] for tag, a in page.elements if tag == "article"]
    assert sorted(map(str, cards)) == sorted(o.id for o in report.outcomes if not earned_all(o))


@settings(max_examples=40)
@given(data=st.data())
def test_headings_come_in_order(reports: st.SearchStrategy[Report], data: st.DataObject) -> None:
    page = Page(render_page(data.draw(reports)))
    levels = [int(tag[1]) for tag, _ in page.elements if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))
    tags = [tag for tag, _ in page.elements]
    assert tags.count("main") == tags.count("footer") == 1


def test_hostile_text_arrives_as_text(
    outcome_of: Make, report_of: MakeReport, hostile: tuple[str, ...]
) -> None:
    for text in hostile:
        outcome = outcome_of(status=Status.FAILED, printed=f"<{text}>", observed=text, case=text)
        html = render_page(report_of(outcome, headline=text, submission=text, notes=[text]))
        assert not re.search("[\0\x1b\u202e\ud800-\udfff]", html)
        assert "onerror" not in {name for _, a in Page(html).elements for name in a}
    page = Page(render_page(report_of(outcome_of(status=Status.FAILED, printed=hostile[0]))))
    assert ("code", hostile[0]) in page.texts


def test_backticks_make_code_and_nothing_else(outcome_of: Make, report_of: MakeReport) -> None:
    sentence = "`a < b` holds, `c & d` too, and `this stays open."
    page = Page(render_page(report_of(outcome_of(status=Status.FAILED, sentence=sentence))))
    assert ("code", "a < b") in page.texts
    assert ("code", "c & d") in page.texts
    assert "a < b holds, c & d too, and `this stays open." in page.text()


def test_ten_megabytes_make_a_small_page(outcome_of: Make, report_of: MakeReport) -> None:
    huge = "<&>\0 " * 2_000_000
    frames = (Frame(huge, 1, huge, huge),) * 50
    outcome = outcome_of(
        status=Status.RAISED,
        frames=frames,
        **dict.fromkeys(("sentence", "message", "case", "expected", "observed", "printed"), huge),
    )
    html = render_page(report_of(outcome, headline=huge, notes=[huge], submission=huge))
    assert len(html) < 200_000
    Page(html)


@pytest.mark.parametrize("status", [Status.FAILED, Status.RAISED, Status.CRASHED, Status.BROKEN])
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
    html = render_page(report_of(outcome))
    assert "sees_through" in html
    assert ("span", "hidden") in Page(html).texts
    assert "theirs" not in html


def test_tells_all_of_a_failure(outcome_of: Make, report_of: MakeReport) -> None:
    outcome = outcome_of(
        "multiplies[mul]",
        status=Status.FAILED,
        sentence="A product is a product.",
        message="expected 6.0, got 5.0",
        case="minitorch.operators.mul(2.0, 3.0)",
        expected="6.0",
        observed="5.0",
        frames=(Frame("minitorch/operators.py", 12, "mul", "return x + y"),),
        printed="debug",
        replay="minigrade replay 0.1 'multiplies[mul]'",
        cap=Fraction(1, 2),
    )
    passed = outcome_of("adds", cases=60, visibility=Visibility.HIDDEN)
    page = Page(render_page(report_of(outcome, passed, headline="Mend mul.", provisional=True)))
    text = " ".join(page.text().split())
    for part in (
        "Assignment m0 Fundamentals ada 1 of 2 points 1 of 2 checks earned everything.",
        "This grade is provisional",
        "Fix this next Mend mul.",
        "0.1 The task 0.1 1 2 2 Total 1 2 2",
        "Failed 0 of 1 A product is a product. multiplies[mul] expected 6.0, got 5.0",
        "Until this is mended, the task keeps at most 50% of its points.",
        "Smallest failing case minitorch.operators.mul(2.0, 3.0)",
        "Expected 6.0 Observed 5.0",
        "In your code minitorch/operators.py:12, in mul return x + y",
        "Your code printed debug",
        "Replay minigrade replay 0.1 'multiplies[mul]'",
        "1 check earned everything A sum is a sum. adds hidden 60 cases",
        "Policy local. Graded on one's own machine",
        "Isolation rlimits Versions minigrade 0.1.0, numpy 2.3.1 Seed public",
        "Made 2025-11-21T04:10:00Z",
    ):
        assert part in text, text


def test_a_perfect_report_says_so(outcome_of: Make, report_of: MakeReport) -> None:
    text = Page(render_page(report_of(outcome_of()))).text()
    assert "Nothing to fix" in text
    assert "provisional" not in text


def test_the_same_failure_is_told_once(outcome_of: Make, report_of: MakeReport) -> None:
    frames = (Frame("minitorch/operators.py", 3, "<module>", "import nothing"),)
    same = {"status": Status.RAISED, "message": "ImportError: nothing", "frames": frames}
    html = render_page(report_of(outcome_of("first", **same), outcome_of("second", "0.3", **same)))
    assert html.count("import nothing") == 1
    assert '<a href="#check-1">first</a>' in html


def test_links_tasks_and_says_who_grades_them(outcome_of: Make, report_of: MakeReport) -> None:
    report = report_of(outcome_of(), outcome_of("by eye", "0.2"))
    sums, style = report.tasks
    tasks = [
        msgspec.structs.replace(sums, link="https://example.org/?a=1&b"),
        msgspec.structs.replace(style, by_staff=True, extra_credit=True),
    ]
    page = Page(render_page(msgspec.structs.replace(report, tasks=tasks)))
    assert page.all("href") == ["#task-1", "#task-2", "https://example.org/?a=1&b"]
    assert "The task 0.2 extra credit, by staff \N{EN DASH} 1 1" in " ".join(page.text().split())


def test_the_policy_admits_this_style_sheet_only(report_of: MakeReport) -> None:
    html = render_page(report_of())
    page = Page(html)
    [style] = [data for tag, data in page.texts if tag == "style"]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    [policy] = [a["content"] for _, a in page.elements if "http-equiv" in a]
    assert policy == (
        f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    )
    assert not re.search(r"url\(|@import|https?:", style)


def test_text_stands_out_from_what_is_behind_it() -> None:
    style = resources.files("minigrade.edges").joinpath("templates", "report.css").read_text()
    light, dark = (
        dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", block))
        for block in re.findall(r":root \{([^}]+)\}", style)[:2]
    )
    assert light.keys() == dark.keys()
    surfaces = ("page", "card", "sunken")
    pairs = [(ink, paper) for ink in ("text", "quiet", "link") for paper in surfaces]
    pairs += [(ink, f"{ink}-fill") for ink in ("good", "bad", "open", "next")]
    pairs += [("text", "open-fill"), ("text", "next-fill"), ("good", "page")]
    for scheme in (light, dark):
        for ink, paper in pairs:
            assert contrast(scheme[ink], scheme[paper]) >= 4.5, (ink, paper)


def contrast(ink: str, paper: str) -> float:
    """Return the contrast ratio of two colours, from 1 to 21.

    Source: WCAG 2.2, "contrast ratio" and "relative luminance".
    """

    def luminance(colour: str) -> float:
        parts = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
        red, green, blue = (
            part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
        )
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    darker, lighter = sorted((luminance(ink), luminance(paper)))
    return (lighter + 0.05) / (darker + 0.05)


def test_the_same_in_another_process_and_after_json(
    outcome_of: Make, report_of: MakeReport
) -> None:
    report = report_of(
        *(outcome_of(f"check_{i}", f"0.{i % 3}", status=s) for i, s in enumerate(Status))
    )
    script = (
        "import sys; from minigrade.interchange import from_json; "
        "from minigrade.edges.page import render_page; "
        "sys.stdout.buffer.write(render_page(from_json(sys.stdin.buffer.read())).encode())"
    )
    pages = {
        subprocess.run(
            [sys.executable, "-c", script],
            input=to_json(report),
            env=os.environ | {"PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
            timeout=60,
        ).stdout
        for seed in ("1", "2")
    }
    assert pages == {render_page(from_json(to_json(report))).encode()}
