"""The reference as a source of templates: what is fenced, and that all else stands without it."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from minigrade.edges.cutting import strip

FUNCTIONS = ["Mul", "Inv", "Neg", "Sigmoid", "ReLU", "Exp", "LT", "EQ"]
OPERATORS = [
    "mul",
    "id",
    "add",
    "neg",
    "lt",
    "eq",
    "max",
    "is_close",
    "sigmoid",
    "relu",
    "log",
    "exp",
    "inv",
    "log_back",
    "inv_back",
    "relu_back",
]
TENSOR_FUNCTIONS = ["Mul", "Sigmoid", "ReLU", "Log", "Exp", "Sum", "LT", "EQ", "Permute"]
TENSOR_METHODS = [
    "size",
    "dims",
    "is_close",
    "all",
    "sigmoid",
    "relu",
    "log",
    "exp",
    "sum",
    "mean",
    "permute",
    "view",
    "zero_grad_",
]
OVERLOADED = ["add", "sub", "neg", "lt", "gt", "eq"]

FENCED = {
    "minitorch/operators.py": {
        "0.1": set(OPERATORS),
        "0.3": {"map", "zipWith", "reduce", "negList", "addLists", "sum", "prod"},
    },
    "minitorch/module.py": {
        "0.4": {f"Module.{name}" for name in ("train", "eval", "named_parameters", "parameters")}
    },
    "minitorch/autodiff.py": {
        "1.1": {"central_difference"},
        "1.4": {"topological_sort", "backpropagate"},
    },
    "minitorch/scalar.py": {
        "1.2": {f"Scalar.__{name}__" for name in OVERLOADED}
        | {f"Scalar.{name}" for name in ("log", "exp", "sigmoid", "relu")},
        "1.3": {"Scalar.chain_rule"},
    },
    "minitorch/scalar_functions.py": {
        "1.2": {f"{name}.forward" for name in FUNCTIONS},
        "1.4": {f"{name}.backward" for name in FUNCTIONS},
    },
    "minitorch/cuda_ops.py": {"3.3": {"tensor_map._map", "tensor_zip._zip"}},
    "minitorch/cuda_reduce.py": {"3.3": {"tensor_reduce._reduce"}},
    "minitorch/cuda_practice.py": {"3.3": {"_sum_practice"}, "3.4": {"_mm_practice"}},
    "minitorch/cuda_matmul.py": {"3.4": {"_tensor_matrix_multiply"}},
    "minitorch/cuda_conv.py": {
        "4.5": {"_tensor_conv1d", "_tensor_conv2d"}
        | {f"Conv{n}dFun.{name}" for n in (1, 2) for name in ("forward", "backward")}
    },
    "tests/test_operators.py": {
        "0.2": {
            "test_sigmoid",
            "test_transitive",
            "test_symmetric",
            "test_distribute",
            "test_other",
            "test_sum_distribute",
        },
    },
    "tests/test_nn.py": {"4.8": {"test_max"}},
    "project/run_scalar.py": {"1.5": {"Linear.forward"}},
    "project/run_tensor.py": {"2.5": {"Linear.forward", "Network.forward"}},
    "project/run_fast_tensor.py": {"3.5": {"Linear.forward", "Network.forward"}},
    "project/run_mnist_multiclass.py": {
        "4.5": {"Conv2d.forward", "Network.__init__", "Network.forward"}
    },
    "project/run_sentiment.py": {
        "4.5": {"Conv1d.forward", "CNNSentimentKim.__init__", "CNNSentimentKim.forward"}
    },
    "minitorch/tensor_data.py": {
        "2.1": {"index_to_position", "to_index", "TensorData.permute"},
        "2.2": {"shape_broadcast", "broadcast_index"},
    },
    "minitorch/tensor_ops.py": {
        "2.3": {"tensor_map._map", "tensor_zip._zip", "tensor_reduce._reduce"},
    },
    "minitorch/tensor_functions.py": {
        "2.3": {f"{name}.forward" for name in (*TENSOR_FUNCTIONS, "IsClose")},
        "2.4": {f"{name}.backward" for name in TENSOR_FUNCTIONS},
    },
    "minitorch/tensor.py": {
        "2.3": {f"Tensor.__{name}__" for name in (*OVERLOADED, "radd", "mul", "rmul")}
        | {f"Tensor.{name}" for name in TENSOR_METHODS},
    },
    "minitorch/fast_ops.py": {
        "3.1": {"tensor_map._map", "tensor_zip._zip", "tensor_reduce._reduce"},
    },
    "minitorch/fast_matmul.py": {"3.2": {"_tensor_matrix_multiply"}},
    "minitorch/fast_conv.py": {"4.1": {"_tensor_conv1d"}, "4.2": {"_tensor_conv2d"}},
    "minitorch/nn.py": {
        "4.3": {"tile", "avgpool2d"},
        "4.4": {"Max.forward", "Max.backward"}
        | {"argmax", "max", "softmax", "logsoftmax", "maxpool2d", "dropout"},
    },
}


class Fence(NamedTuple):
    task: str
    begin: int
    end: int
    indent: str


def fences(path: Path) -> list[Fence]:
    """Return the fences of a file, line by line; fail where one is malformed."""
    found: list[Fence] = []
    begun: tuple[str, int, str] | None = None
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if "SOLUTION" not in line:
            continue
        begin = re.fullmatch(r"( *)# SOLUTION (\d\.\d)", line)
        if begin:
            assert begun is None, f"{path}:{number}"
            begun = (begin[2], number, begin[1])
        else:
            assert begun is not None, f"{path}:{number}"
            task, first, indent = begun
            assert line == f"{indent}# END SOLUTION", f"{path}:{number}"
            found.append(Fence(task, first, number, indent))
            begun = None
    assert begun is None, path
    return found


def functions(tree: ast.AST, prefix: str = "") -> Iterator[tuple[str, ast.FunctionDef]]:
    """Yield the functions of a file, from outer to inner ones, with their dotted names."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.FunctionDef):
            yield prefix + node.name, node
        inner = isinstance(node, ast.FunctionDef | ast.ClassDef)
        yield from functions(node, f"{prefix}{node.name}." if inner else prefix)


def owner(tree: ast.AST, fence: Fence) -> tuple[str, ast.FunctionDef] | None:
    """Return the innermost function around a fence; None for a fence around helpers."""
    around = [
        (name, function)
        for name, function in functions(tree)
        if function.lineno < fence.begin <= (function.end_lineno or 0)
        and fence.indent > " " * function.col_offset
    ]
    return around[-1] if around else None


def sources(reference: Path) -> dict[str, Path]:
    return {str(path.relative_to(reference)): path for path in sorted(reference.rglob("*.py"))}


def test_the_right_functions_are_fenced(reference: Path) -> None:
    found: dict[str, dict[str, set[str]]] = {}
    for name, path in sources(reference).items():
        tree = ast.parse(path.read_text())
        for fence in fences(path):
            at = owner(tree, fence)
            if at:
                found.setdefault(name, {}).setdefault(fence.task, set()).add(at[0])
    assert found == FENCED


def test_a_fence_is_all_that_follows_the_docstring(reference: Path) -> None:
    """Or what follows the given statements after it: then nothing given comes later."""
    for name, path in sources(reference).items():
        lines = path.read_text().splitlines()
        tree = ast.parse(path.read_text())
        for fence in fences(path):
            at = owner(tree, fence)
            if at is None:
                continue  # helpers
            function = at[1]
            inside = [s for s in function.body if s.lineno > fence.begin]
            assert inside, f"{name}:{fence.begin} encloses nothing"
            assert all((s.end_lineno or 0) < fence.end for s in inside), f"{name}:{fence.begin}"
            assert inside[0].col_offset == len(fence.indent)
            assert inside[0] is not function.body[0] or function.name.startswith("_")
            assert "".join(lines[fence.begin : fence.end - 1]).strip()


@pytest.fixture
def template(reference: Path, tmp_path: Path) -> Path:
    for name, path in sources(reference).items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(strip(path.read_text(), name).text)
    return tmp_path


def python(template: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=template,
        env=os.environ | {"PYTHONPATH": str(template)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_the_package_imports_without_answers(template: Path) -> None:
    names = ["minitorch", *(f"minitorch.{p.stem}" for p in (template / "minitorch").glob("*.py"))]
    code = "\n".join(f"import {name}" for name in names if "__init__" not in name)
    done = python(template, "-c", code + "\nprint(minitorch.__file__)")
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == str(template / "minitorch" / "__init__.py")


def test_a_script_without_answers_names_the_task(template: Path) -> None:
    done = python(template, "project/run_scalar.py", "--EPOCHS", "1")
    assert done.returncode == 1
    assert "NotImplementedError: Need to implement for Task" in done.stderr.splitlines()[-1]


def test_every_answer_is_gone(reference: Path, template: Path) -> None:
    for name, path in sources(template).items():
        text = path.read_text()
        assert "SOLUTION" not in text
        tree = ast.parse((reference / name).read_text())
        expected = sum(owner(tree, fence) is not None for fence in fences(reference / name))
        assert text.count("raise NotImplementedError(") == expected


def test_the_reference_needs_numpy_and_numba_only(reference: Path) -> None:
    for name, path in sources(reference).items():
        if name.startswith("tests/"):
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                roots = {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.level == 0:
                roots = {(node.module or "").split(".")[0]}
            else:
                continue
            own = {"minitorch", *(p.stem for p in (reference / "project").glob("*.py"))}
            own = own if name.startswith("project/") else set()
            assert roots <= sys.stdlib_module_names | own | {"numpy", "numba"}, name
