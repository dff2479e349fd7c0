from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minigrade.edges.cleaning import Cleaner

ANY_TEXT = st.one_of(
    st.text(st.characters(), max_size=60),
    st.text(st.sampled_from("\x1b[]0;m\\\x07\x9b\n\r\t ab\u202e\ud800\u3000"), max_size=60),
)


@given(text=ANY_TEXT)
def test_nothing_unseen_is_left(text: str) -> None:
    for clean in (Cleaner().block(text), Cleaner().line(text)):
        kinds = {unicodedata.category(character) for character in clean.replace("\n", "")}
        assert not kinds & {"Cc", "Cf", "Cs", "Zl", "Zp"}
        clean.encode()
    assert "\n" not in Cleaner().line(text)


@given(text=st.text(st.characters(codec="ascii", min_codepoint=32, max_codepoint=126)))
def test_plain_text_stays_as_it_is(text: str) -> None:
    assert Cleaner().block(text) == text


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("\x1b[1;31mred\x1b[0m", "red"),
        ("\x1b]8;;https://example.org\x07here\x1b]8;;\x1b\\", "here"),
        ("\x1b]0;never ended\nnext", "\nnext"),
        ("a\rb\r\nc\x85d", "a\nb\nc\nd"),
        ("a\tb", "a   b"),
        ("no\u00a0break", "no break"),
        ("\0\x07", "\ufffd\ufffd"),
        ("x\u202ey", "x\ufffdy"),
        ("\ud800", "\ufffd"),
        ("\n\n  indented\n", "  indented"),
    ],
)
def test_a_block_shows(text: str, clean: str) -> None:
    assert Cleaner().block(text) == clean


def test_a_line_has_no_breaks_and_an_end() -> None:
    assert Cleaner().line(" a\n\n b\u2028c ") == "a b c"
    assert Cleaner().line("x" * 5000, 10) == "xxxxxxx..."
    assert Cleaner().line("\x1b[m" * 100 + "hidden behind escapes", 10) == "..."


@given(
    rows=st.lists(st.text("ab ", max_size=30), min_size=1, max_size=60),
    characters=st.integers(30, 300),
    lines=st.integers(3, 20),
)
def test_the_middle_is_left_out_and_counted(rows: list[str], characters: int, lines: int) -> None:
    text = "\n".join(["start", *rows, "end"])
    clean = Cleaner().block(text, characters, lines)
    if clean == text:
        assert len(text) <= characters
        assert text.count("\n") < lines
        return
    head, _, rest = clean.partition("\n[... ")
    number, _, tail = rest.partition(" characters left out ...]\n")
    assert text.startswith(head)
    assert text.endswith(tail)
    assert int(number.replace(",", "")) + len(head) + len(tail) == len(text)
    assert len(head) + len(tail) <= characters
    assert clean.count("\n") <= lines


def test_ten_megabytes_become_a_screenful() -> None:
    for piece in ("x", "\n", "\x1b[31m", "\0", "\r\n", "\x1b]"):
        clean = Cleaner().block(piece * (10_000_000 // len(piece)))
        assert len(clean) < 3000
        assert clean.count("\n") <= 20


def test_what_the_medium_cannot_write_becomes_an_escape() -> None:
    assert Cleaner("ascii").block("é → 漢") == r"\xe9 \u2192 \u6f22"
    assert Cleaner("latin-1").line("é → 漢") == r"é \u2192 \u6f22"
