"""The README of a student's repository says what to do, and what each task asks."""

from __future__ import annotations

import re

from minigrade.edges.template import Template
from minigrade.running.catalog import find_course


def test_readme_says_what_to_do(template: Template) -> None:
    text = (template.dest / "README.md").read_text()
    name = template.dest.name
    own = [loaded.task.id for loaded in find_course().load(name, hidden=False).tasks]
    for task in own:
        assert f"### Task {task}\n" in text
    assert "minigrade check" in text
    assert "pip install -e ." in text
    assert ("cp ../m0/minitorch/operators.py" in text) == (name == "m1")
    for file, tasks in template.stubs.items():
        for task, names in tasks.items():
            line = f"* `{file}`: " + ", ".join(f"`{function}`" for function in names)
            assert (line in text) == (task in own)
    assert is_tidy(text)


def test_readme_says_what_each_task_asks(template: Template) -> None:
    text = (template.dest / "README.md").read_text()
    asked = find_course().load(template.dest.name, hidden=False)
    for loaded in asked.tasks:
        assert loaded.asks.startswith(("Write", "Fill in")), loaded.asks
        assert f"\n\n{loaded.asks}\n\n*" in text
        assert any(file in loaded.asks for file in loaded.task.files)
        assert not re.search(r"``|\b[Ss]tudents?\b", loaded.asks)
    for needed in ("(num_embeddings, embedding_dim)", "NumPy array", "as floats"):
        assert (needed in text) == (template.dest.name == "m4")


def test_readme_promises_no_fresh_copy(template: Template) -> None:
    """Given files are graded as handed in, too."""
    assert "fresh" not in (template.dest / "README.md").read_text()


def test_readme_sends_nobody_where_nothing_is_to_be_written(templates: dict[str, Template]) -> None:
    rows = {}
    for template in templates.values():
        text = (template.dest / "README.md").read_text()
        rows |= {row[0]: row[1] for row in re.findall(r"^\| \[(\S+)\].* \| (.*) \|$", text, re.M)}
    assert all(rows.values())
    assert rows["2.4"] == "`minitorch/tensor_functions.py`"  # though `tensor.py` belongs to it
    assert rows["3.2"] == "`minitorch/fast_matmul.py`"
    assert rows["0.2"] == "`tests/test_operators.py`"


def is_tidy(markdown: str) -> bool:
    """Whether no trace of the skeleton's language is left, and lists follow an empty line."""
    return not re.search(r"\n\n\n|[{}%]|[^\S\n]\n|\n[^*\n][^\n]*\n\*", markdown)
