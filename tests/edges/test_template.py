"""A student's repository is cut out of the reference: complete, clean, and without answers."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import textwrap
import tomllib
from collections import Counter
from pathlib import Path

import pytest
import yaml

from minigrade.edges.fences import fenced_runs
from minigrade.edges.template import Template, make_template
from minigrade.model import Status
from minigrade.running import provenance
from minigrade.running.catalog import CourseFolder, find_course
from minigrade.running.runner import Request, grade
from minigrade.running.submission import find

STUB = re.compile(r'raise NotImplementedError\("Need to implement for Task (\d+\.\d+)"\)')
OWN_TASKS = {
    "m0": ["0.1", "0.2", "0.3", "0.4"],
    "m1": ["1.1", "1.2", "1.3", "1.4", "1.5"],
    "m2": ["2.1", "2.2", "2.3", "2.4", "2.5"],
    "m3": ["3.1", "3.2", "3.5"],
    "m4": ["4.1", "4.2", "4.3", "4.4", "4.6", "4.7", "4.8"],
}


def python_files(template: Template) -> list[str]:
    return [name for name in template.files if name.endswith(".py")]


def run(*command: str | Path, cwd: Path) -> str:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_package_imports_in_a_fresh_process(template: Template) -> None:
    modules = [name[:-3].replace("/", ".") for name in python_files(template)]
    modules = [name.removesuffix(".__init__") for name in modules if "tests." not in name]
    code = f"import sys; sys.path.insert(0, '.')\nfor m in {modules}: __import__(m)"
    run(sys.executable, "-I", "-c", code, cwd=template.dest)


def test_the_package_has_what_exists_by_then(templates: dict[str, Template]) -> None:
    code = "import sys; sys.path.insert(0, '.'); import minitorch; print(*dir(minitorch))"
    m0, m1, m2, m3, m4 = (
        set(run(sys.executable, "-I", "-c", code, cwd=one.dest).split())
        for one in templates.values()
    )
    assert {"Module", "Parameter", "datasets", "MathTest", "operators"} <= m0
    assert not {"Scalar", "SGD", "autodiff", "central_difference"} & m0
    assert m0 | {"Scalar", "SGD", "autodiff", "central_difference", "ScalarFunction"} <= m1
    tensors = {"Tensor", "TensorData", "TensorBackend", "SimpleOps", "tensor", "rand", "History"}
    assert not tensors & m1
    assert m1 | tensors <= m2
    assert not {"FastOps", "CudaOps", "conv1d", "avgpool2d"} & m2
    assert m2 | {"FastOps"} <= m3
    assert not {"CudaOps", "conv1d", "avgpool2d"} & m3
    assert m3 | {"conv1d", "conv2d", "avgpool2d", "softmax"} <= m4


def statements(text: str) -> str:
    """Return the lines of `text` that are neither blank nor comments, without indentation."""
    lines = (line.strip() for line in text.splitlines())
    return "\n".join(line for line in lines if line and not line.startswith("#"))


def test_no_answer_is_left(template: Template, checkout: Path) -> None:
    everything = {name: statements((template.dest / name).read_text()) for name in template.files}
    long_runs = 0
    for path in (checkout / "reference").rglob("*.py"):
        for fence, answer in fenced_runs(path.read_text(), path.name):
            wrapped = ast.parse(f"def f():\n{textwrap.indent(textwrap.dedent(answer), '  ')}")
            if sum(isinstance(node, ast.stmt) for node in ast.walk(wrapped)) - 1 < 2:
                continue  # a single line may well stand in given code too
            if path.name == "cuda_conv.py":
                continue  # whose derivatives are those that fast_conv.py gives
            long_runs += 1
            for name, text in everything.items():
                assert statements(answer) not in text, (name, path.name, fence)
    assert long_runs > 15


def test_all_but_answers_and_imports_is_as_in_the_reference(
    template: Template, checkout: Path
) -> None:
    for name in python_files(template):
        reference = checkout / "reference" / name
        if not reference.is_file():
            continue
        rest = iter(reference.read_text().splitlines())
        for line in (template.dest / name).read_text().splitlines():
            if line and not STUB.search(line) and not re.match(r"\s*(from|import) ", line):
                assert line in rest, f"{name}: {line!r} is not in the reference, or not there"


def functions(text: str) -> dict[str, ast.AST]:
    """Return the functions of a file by their dotted names."""
    found: dict[str, ast.AST] = {}

    def visit(node: ast.AST, prefix: str) -> None:
        for child in ast.iter_child_nodes(node):
            name = prefix
            if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                name = f"{prefix}.{child.name}".lstrip(".")
                if not isinstance(child, ast.ClassDef):
                    found[name] = child
            visit(child, name)

    visit(ast.parse(text), "")
    return found


def test_each_answer_has_become_a_stub_of_its_task(template: Template, checkout: Path) -> None:
    counted: Counter[str] = Counter()
    for name in python_files(template):
        reference = checkout / "reference" / name
        if not reference.is_file():
            continue
        text = reference.read_text()
        cut = (template.dest / name).read_text()
        for function, node in functions(text).items():
            wanted = [
                fence.task
                for fence, _ in fenced_runs(text, name)
                if node.lineno < fence.begin and fence.end <= node.end_lineno + 1
            ]
            if function in functions(cut):
                segment = ast.get_source_segment(cut, functions(cut)[function])
                assert STUB.findall(segment or "") == wanted, f"{name}: {function}"
        inside = [  # the others are around helpers, and leave nothing
            fence.task
            for fence, _ in fenced_runs(text, name)
            if any(n.lineno < fence.begin < n.end_lineno for n in functions(text).values())
        ]
        counted.update(inside)
        assert STUB.findall(cut) == inside
        assert "SOLUTION" not in cut
    assert counted["0.1"] == 16
    assert bool(counted["1.4"]) == (template.dest.name != "m0")
    assert bool(counted["2.4"]) == (template.dest.name > "m1")


def test_a_stub_raises_what_it_says(templates: dict[str, Template]) -> None:
    code = (
        "import sys; sys.path.insert(0, '.'); import minitorch\n"
        "try: minitorch.operators.mul(2.0, 3.0)\n"
        "except NotImplementedError as error: print(error)"
    )
    said = run(sys.executable, "-I", "-c", code, cwd=templates["m0"].dest)
    assert said == "Need to implement for Task 0.1\n"


def test_ruff_is_content(template: Template) -> None:
    for command in (["check"], ["format", "--check"]):
        run(sys.executable, "-m", "ruff", *command, "--no-cache", ".", cwd=template.dest)


def test_the_same_bytes_again(template: Template, checkout: Path, tmp_path: Path) -> None:
    again = make_template(template.dest.name, tmp_path / "again", checkout=checkout)
    assert again.files == template.files
    for name in template.files:
        assert (again.dest / name).read_bytes() == (template.dest / name).read_bytes()
    on_disk = {p.relative_to(again.dest).as_posix() for p in again.dest.rglob("*") if p.is_file()}
    assert on_disk == set(again.files)
    assert [path.name for path in tmp_path.iterdir()] == ["again"]


def test_pyproject_pins_what_decides_cases(template: Template) -> None:
    settings = tomllib.loads((template.dest / "pyproject.toml").read_text())
    versions = provenance.versions()
    pins = [f"{name}=={versions[name]}" for name in ("minigrade", "hypothesis", "numpy")]
    assert settings["project"]["dependencies"][:3] == pins
    assert settings["tool"]["minigrade"] == {"assignment": template.dest.name}


def test_ci_runs_the_check(template: Template) -> None:
    workflow = yaml.safe_load((template.dest / ".github/workflows/check.yml").read_text())
    steps = workflow["jobs"]["check"]["steps"]
    commands = [step["run"] for step in steps if "run" in step]
    assert commands[0] == "pip install -e ."
    assert commands[1].startswith("minigrade check")
    assert [step.get("if") for step in steps].count("${{ !cancelled() }}") == 2


@pytest.mark.parametrize("name", ["fast_blocks", "fast_matmul"])
def test_how_the_reference_multiplies_is_not_told(
    name: str, templates: dict[str, Template]
) -> None:
    """A docstring would stay when the code it explains has gone."""
    text = (templates["m3"].dest / "minitorch" / f"{name}.py").read_text()
    assert not re.search(r"\b(tiles?|registers?|caches?|add_\w+|helper)\b", text)


GIVEN = {"m0": "__init__ datasets module operators testing"}
GIVEN["m1"] = GIVEN["m0"] + " autodiff optim scalar scalar_functions"
GIVEN["m2"] = GIVEN["m1"] + (
    " tensor tensor_data tensor_functions tensor_ops"
    " cuda_device function gradients history layout making matmul shapes"
)
GIVEN["m3"] = GIVEN["m2"] + " cores fast_ops fast_matmul fast_blocks"
GIVEN["m4"] = GIVEN["m3"] + " fast_conv nn"


def test_nothing_of_later_assignments_is_given(template: Template, checkout: Path) -> None:
    """Nor what no assignment names yet, though the reference has it."""
    reference = checkout / "reference"
    files = {name for name in template.files if (reference / name).is_file()}
    package = {Path(name).stem for name in files if name.startswith("minitorch/")}
    assert package == set(GIVEN[template.dest.name].split())
    init = (template.dest / "minitorch/__init__.py").read_text()
    imported = re.findall(r"^from \.(\w*) import (\w+|\*)", init, re.MULTILINE)
    assert {module or name for module, name in imported} <= package - {"__init__"}


@pytest.mark.slow
def test_a_template_earns_nothing(template: Template) -> None:
    course = find_course()
    request = Request(assignment=template.dest.name, hidden=True, jobs=2)
    report = grade(course, request, find(template.dest, course.course))
    earned = [outcome.id for outcome in report.outcomes if outcome.points]
    assert earned == []
    assert {Status.RAISED} <= {outcome.status for outcome in report.outcomes}
    assert report.points == 0
    assert not report.provisional


def test_a_wheel_is_shipped_along(tmp_path: Path, checkout: Path) -> None:
    wheel = tmp_path / f"minigrade-{provenance.versions()['minigrade']}-py3-none-any.whl"
    wheel.write_bytes(b"wheel")
    made = make_template("m0", tmp_path / "new", checkout=checkout, wheel=wheel)
    assert (made.dest / "vendor" / wheel.name).read_bytes() == b"wheel"
    settings = tomllib.loads((made.dest / "pyproject.toml").read_text())
    assert settings["tool"]["uv"] == {"find-links": ["vendor"]}
    for name in ("README.md", ".github/workflows/check.yml"):
        assert "pip install --find-links vendor -e ." in (made.dest / name).read_text()


def test_the_course_is_the_checkouts(checkout: Path) -> None:
    known = [one.id for one in CourseFolder(checkout / "assignments").assignments()]
    assert known == list(OWN_TASKS)
