"""Each operator makes its mistake, and none touches what only people read."""

from __future__ import annotations

import ast
import textwrap
from pathlib import Path

import pytest

from minigrade.edges.mutations import find_edits

ROOT = Path(__file__).parents[2]
FILES = ("reference/minitorch/tensor_data.py", "tests/variants/m3/plain/minitorch/fast_ops.py")


def mutants(text: str) -> dict[str, set[str]]:
    """Return all mutants of a text, by operator."""
    text, found = textwrap.dedent(text).lstrip("\n"), {}
    content = text.encode()
    for edit in find_edits(text):
        wrong = content[: edit.start] + edit.new.encode() + content[edit.end :]
        found.setdefault(edit.operator, set()).add(wrong.decode())
    return found


def of_expression(expression: str) -> dict[str, set[str]]:
    """Return all mutants of an expression of `a`, `b` and `n`."""
    begin = "def f(a, b, n):\n    return "
    made = mutants(f"{begin}{expression}\n")
    return {
        name: {text.removeprefix(begin).strip() for text in all_} for name, all_ in made.items()
    }


@pytest.mark.parametrize(
    ("operator", "expression", "expected"),
    [
        ("flip_comparison", "a < b", {"a <= b", "a > b"}),
        ("flip_comparison", "a not in b", {"a in b"}),
        ("swap_arithmetic", "a + b", {"a - b"}),
        ("swap_arithmetic", "a // b", {"a % b", "a * b"}),
        ("swap_operands", "(a + 1) - b", {"(b - (a + 1))"}),
        ("swap_operands", "a * b", set()),
        ("drop_term", "a * (b + 1)", {"a", "(b + 1)", "a * (b)", "a * (1)"}),
        ("swap_arguments", "f(a, b, key=n)", {"f(b, a, key=n)"}),
        ("swap_arguments", "max(a, b)", set()),
        ("swap_items", "a, b, n", {"b, a, n", "a, n, b"}),
        ("change_integer", "n + 2", {"n + 3", "n + 1"}),
        ("change_integer", "n + 0", {"n + 1"}),
        ("change_float", "0.0", {"1.0"}),
        ("change_float", "0.5", {"0.0", "1.0"}),
        ("change_truth", "True", {"False"}),
        ("shift_bound", "range(n)", {"range((n - 1))", "range((n + 1))"}),
        ("shift_bound", "len(a)", {"(len(a) - 1)", "(len(a) + 1)"}),
        ("shift_index", "a[n]", {"a[(n) - 1]", "a[(n) + 1]"}),
        ("shift_index", "a[:n]", {"a[:(n) - 1]", "a[:(n) + 1]"}),
        ("shift_index", 'a["n"]', set()),
        ("drop_sign", "-a", {"a"}),
        ("drop_sign", "not a", {"a"}),
        ("negate_condition", "a if n else b", {"a if (not (n)) else b"}),
        ("change_logic", "a and b", {"a or b", "a", "b"}),
        ("change_call", "min(a, b)", {"max(a, b)"}),
        ("change_call", "prange(n)", {"range(n)"}),
        ("drop_call", "a.contiguous()", {"a"}),
        ("drop_call", "list(a)", {"(a)"}),
        ("drop_call", "a.view(b)", set()),
    ],
)
def test_an_operator_makes_its_mistakes(operator: str, expression: str, expected: set[str]) -> None:
    assert of_expression(expression).get(operator, set()) == expected


def test_statements_are_dropped_and_loops_left_otherwise() -> None:
    made = mutants(
        '''
        def f(a):
            """What it does."""
            for i in a:
                a += i
                if i:
                    break
            return a
        '''
    )
    assert {text.count("pass") for text in made["drop_statement"]} == {1}
    assert len(made["drop_statement"]) == 2
    assert all('"""What it does."""' in text for text in made["drop_statement"])
    assert ["continue" in text for text in made["change_exit"]] == [True]
    assert {text.splitlines()[3].strip() for text in made["swap_update"]} == {"a -= i", "a = i"}


@pytest.mark.parametrize(
    ("parameters", "body", "expected"),
    [
        ("a_shape, b_shape, n", "return a_shape[n]", {"return b_shape[n]"}),
        ("a: Shape, b: Shape, c: Strides", "return a", {"return b"}),
        ("out, weights", "return out", set()),
        ("ns", "for i in ns:\n        for j in ns:\n            use(i)", {"use(j)"}),
        ("ns", "use(i for i in ns)", set()),
        ("a_side, x", "x.a_side = f(b_side=a_side)\n    b_side = 1", set()),
        ("a_side", "a_side = f(1)\n    b_side = 2\n    use(a_side)", {"use(b_side)"}),
    ],
)
def test_only_names_of_a_kind_that_have_a_value_are_confused(
    parameters: str, body: str, expected: set[str]
) -> None:
    text = f"def f({parameters}):\n    {body}\n"
    made = mutants(text).get("confuse_names", set())
    assert {b.strip() for wrong in made for a, b in zip(text.splitlines(), wrong.splitlines(),
            strict=True) if a != b} == expected  # fmt: skip


def test_what_only_people_read_is_left_alone() -> None:
    made = mutants(
        '''
        TOP = 1

        class C:
            side = 2

            @made_by(3)
            def f(self, a: Tuple[4, 5] = 6) -> Tuple[7, 8]:
                """Return 9."""
                x: Tuple[10, 11]
                if self:
                    raise ValueError(f"{a + 12}", 13)
                assert a, f"{a + 14}"
                return 15
        '''
    )
    assert len(made["change_integer"]) == 2  # 14 and 16 for 15
    assert "swap_arithmetic" not in made
    assert any("raise" not in text for text in made["drop_statement"])
    assert any("assert" not in text for text in made["drop_statement"])


@pytest.mark.parametrize("file", FILES)
def test_nearly_all_mutants_of_real_code_are_python(file: str) -> None:
    made = mutants((ROOT / file).read_text())
    assert len(made) >= 15
    for all_ in made.values():
        for text in all_:
            ast.parse(text)


def test_an_edit_knows_its_function() -> None:
    edits = list(find_edits("class C:\n    def f(self):\n        def g():\n            return 1\n"))
    assert {edit.function for edit in edits} == {"C.f.g"}
