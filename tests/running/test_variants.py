"""Are there enough right answers to each task, and do they differ in what the task asks for?"""

from __future__ import annotations

import ast
import functools
import itertools
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from minigrade.edges.fences import find_fences
from minigrade.model import Task
from minigrade.running.catalog import find_course

ROOT = Path(__file__).parents[2]
VARIANTS = ROOT / "tests" / "variants"
ENOUGH = 4


def functions_in(node: ast.AST, prefix: str = "") -> Iterator[tuple[str, ast.FunctionDef]]:
    """Yield all functions, such as ``Mul.backward`` or ``tensor_map._map``, by their names."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.ClassDef):
            name = prefix + child.name
            if isinstance(child, ast.FunctionDef):
                yield name, child
            yield from functions_in(child, f"{name}.")


@functools.cache
def asked_for(task: Task) -> set[str]:
    """Return the functions of the reference that a fence of the task stands in or around."""
    found = set()
    for file in task.files:
        text = (ROOT / "reference" / file).read_text("utf-8")
        functions = dict(functions_in(ast.parse(text)))
        for fence in find_fences(text, file):
            if fence.task == task.id:
                found |= {
                    name
                    for name, node in functions.items()
                    if (node.lineno < fence.begin <= (node.end_lineno or 0))
                    or fence.begin < node.lineno < fence.end
                }
    return {name for name in found if not any(other.startswith(f"{name}.") for other in found)}


class Essence(ast.NodeTransformer):
    """What a function computes: no docstrings, annotations or decorators, and names by number."""

    def __init__(self, function: ast.FunctionDef) -> None:
        nodes = list(ast.walk(function))
        self.own = {node.arg for node in nodes if isinstance(node, ast.arg)}
        self.own |= {
            node.id
            for node in nodes
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
        }
        self.numbers: dict[str, str] = {}

    def renamed(self, name: str) -> str:
        return self.numbers.setdefault(name, f"_{len(self.numbers)}") if name in self.own else name

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        body = node.body[1:] if ast.get_docstring(node) is not None else node.body
        node.body, node.decorator_list, node.returns = body or [ast.Pass()], [], None
        return self.generic_visit(node)

    def visit_arg(self, node: ast.arg) -> ast.AST:
        return ast.arg(self.renamed(node.arg))

    def visit_Name(self, node: ast.Name) -> ast.AST:
        return ast.Name(self.renamed(node.id), node.ctx)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST | None:
        return self.generic_visit(ast.Assign([node.target], node.value)) if node.value else None


def answers(folder: Path, task: Task) -> dict[str, str]:
    """Return the essence of what a folder answers to a task, by the functions' names."""
    found: dict[str, str] = {}
    asked = asked_for(task)
    files = [folder / file for file in task.files if (folder / file).is_file()]
    trees = [ast.parse(file.read_text("utf-8")) for file in files]
    for name, node in itertools.chain.from_iterable(map(functions_in, trees)):
        if name in asked:
            found.setdefault(name, ast.dump(Essence(node).visit(node)))
    return found


def differ(one: dict[str, str], other: dict[str, str]) -> bool:
    """Tell whether at least half of what both answer is not the same."""
    both = one.keys() & other.keys()
    return bool(both) and 2 * sum(one[name] != other[name] for name in both) >= len(both)


def different(task: Task, folders: list[Path]) -> list[str]:
    """Return the variants that differ from the reference in a task, and from each other."""
    kept = {"reference": answers(ROOT / "reference", task)}
    for folder in folders:
        answer = answers(folder, task)
        if all(differ(answer, known) for known in kept.values()):
            kept[folder.name] = answer
    return list(kept)[1:]


@pytest.mark.parametrize("assignment", ["m2", "m3", "m4"])
def test_each_task_has_four_variants_that_differ_in_it(assignment: str) -> None:
    folders = sorted(path for path in (VARIANTS / assignment).iterdir() if path.is_dir())
    for loaded in find_course().load(assignment, hidden=False).tasks:
        assert len(different(loaded.task, folders)) >= ENOUGH, loaded.task.id


@pytest.mark.parametrize("assignment", ["m0", "m1"])
def test_each_assignment_has_four_variants(assignment: str) -> None:
    assert sum(path.is_dir() for path in (VARIANTS / assignment).iterdir()) >= ENOUGH


TASK = Task("4.7", title="Checkpoints", points=5, files=("minitorch/module.py",))
ALIKE = '''
class Module:
    def state_dict(this) -> dict:
        """As the reference, in other words."""
        return {key: _to_array(each.value) for key, each in this.named_parameters()}
'''


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (ALIKE, []),
        (ALIKE.replace("_to_array(each.value)", "each.value.to_numpy()"), ["variant"]),
        (ALIKE.replace("state_dict", "save"), []),
        ("", []),
    ],
)
def test_an_answer_in_other_words_is_no_variant(
    text: str, expected: list[str], tmp_path: Path
) -> None:
    file = tmp_path / "variant" / "minitorch" / "module.py"
    file.parent.mkdir(parents=True)
    file.write_text(text)
    shutil.copytree(tmp_path / "variant", tmp_path / "copy")
    folders = [tmp_path / name for name in ("none", "variant", "copy")]
    assert different(TASK, folders) == expected
