"""What probes may use: calls as they were written, Scalars, scripts and their layers."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from minigrade.probing import (
    as_written,
    compute,
    derivative,
    items,
    linear,
    linear_parameters,
    number,
    raw,
    run_lines,
    scalar_function,
    script,
    unchanged,
)


def ways(function: Callable[..., Any]) -> tuple[Callable[[], Any], Callable[[], Any]]:
    """Two ways to map a list: with a function that waits for it, and at once."""
    return lambda: function(abs)([1, -2]), lambda: function(abs, [1, -2])


def waiting(fn: Callable[[int], int]) -> Callable[[list[int]], list[int]]:
    return lambda ls: [fn(x) for x in ls]


def at_once(fn: Callable[[int], int], ls: list[int]) -> list[int]:
    return [fn(x) for x in ls]


@pytest.mark.parametrize("function", [waiting, at_once, map])
def test_either_form_is_called(function: Callable[..., Any]) -> None:
    assert items(as_written(*ways(function))) == [1, 2]


def broken_waiting(fn: Callable[[int], int]) -> Callable[[list[int]], Any]:
    return lambda ls: fn(len(ls) + "one")  # type: ignore[operator]


def broken_at_once(fn: Callable[[int], int], ls: list[int]) -> Any:
    return fn(len(ls) + "one")  # type: ignore[operator]


@pytest.mark.parametrize("function", [broken_waiting, broken_at_once])
def test_the_function_s_own_error_is_raised(function: Callable[..., Any]) -> None:
    """And not that the other form misses an argument, which a student cannot mend."""
    with pytest.raises(TypeError, match="unsupported operand"):
        as_written(*ways(function))


def test_other_errors_pass_through() -> None:
    def stub(*_: Any) -> Any:
        raise NotImplementedError

    with pytest.raises(NotImplementedError):
        as_written(*ways(stub))


def test_a_function_is_no_result() -> None:
    with pytest.raises(TypeError, match="the result is a function"):
        as_written(lambda: abs)
    assert as_written(lambda: abs, lambda: 1) == 1


def test_items() -> None:
    assert items(x for x in (1, 2)) == [1, 2]
    assert items((1, 2)) == [1, 2]
    assert items(3.0) == 3.0
    assert items(None) is None


class Scalar:
    def __init__(self, data: float) -> None:
        self.data, self.history = data, None
        self.derivative: float | None = None


def test_number() -> None:
    assert number(Scalar(2.0)) == 2.0


@pytest.mark.parametrize("other", [2.0, None, True, np.float64(2), np.ones(1)])
def test_a_number_without_history_is_no_scalar(other: Any) -> None:
    with pytest.raises(TypeError, match="expected a Scalar, got"):
        number(other)


def test_derivative() -> None:
    scalar = Scalar(2.0)
    assert derivative(scalar) == 0.0
    scalar.derivative = 3.0
    assert derivative(scalar) == 3.0


def test_compute_and_run_lines() -> None:
    names = {"x": 2.0, "y": 3.0}
    assert compute("x * y + 1", **names) == 7.0
    assert run_lines(["z = x * y", "w = z - x"], names) == {**names, "z": 6.0, "w": 4.0}
    assert names == {"x": 2.0, "y": 3.0}


def test_what_a_loop_leaves_unchanged_is_its_inputs_and_all_layouts() -> None:
    out, given = (raw(np.zeros(6), [2, 3], strides) for strides in ([3, 1], [1, 2]))
    assert unchanged(out, given)[0] == [[2, 3], [3, 1]]
    assert unchanged(out, given)[1][1:] == [[2, 3], [1, 2]]
    before = str(unchanged(out, given))
    out[0][0] = 1.0  # what it is there for
    assert str(unchanged(out, given)) == before
    for part in (out[1], out[2], *given):
        part[0] += 1
        assert str(unchanged(out, given)) != before
        part[0] -= 1
    assert str(unchanged(out, given)) == before


def test_scalar_function() -> None:
    class ScalarFunction:
        forward: Callable[..., float]

        @classmethod
        def apply(cls, x: float) -> float:
            return cls.forward(None, x)

    def double(ctx: None, x: float) -> float:
        return 2 * x

    mt: Any = ModuleType("minitorch")
    mt.ScalarFunction = ScalarFunction
    function = scalar_function(mt, double, abs)
    assert function.apply(3.0) == 6.0
    assert function.backward(-1) == 1
    assert issubclass(function, ScalarFunction)
    assert scalar_function(mt, double, abs) is function


@pytest.fixture
def submitted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[str], ModuleType]]:
    """Return the package of a submission with this ``project/run_scalar.py``."""
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.delitem(sys.modules, "project.run_scalar", raising=False)

    def submit(text: str) -> ModuleType:
        (tmp_path / "project").mkdir()
        (tmp_path / "project" / "run_scalar.py").write_text(text)
        (tmp_path / "project" / "neighbour.py").write_text("NEAR = True\n")
        package = ModuleType("minitorch")
        package.__path__ = [str(tmp_path / "minitorch")]
        monkeypatch.setitem(sys.modules, "minitorch", package)
        return package

    yield submit
    sys.modules.pop("project.run_scalar", None)
    sys.modules.pop("neighbour", None)


SCRIPT = """
import minitorch
from neighbour import NEAR
runs = globals().get("runs", 0) + 1
if __name__ == "__main__":
    raise SystemExit("it trains for an hour")
"""


def test_a_script_gets_the_package_and_its_neighbours(
    submitted: Callable[[str], ModuleType],
) -> None:
    package = submitted(SCRIPT)
    module = script(package, "run_scalar")
    assert module.minitorch is package
    assert module.NEAR
    assert script(package, "run_scalar") is module


def test_a_script_that_fails_fails_again(submitted: Callable[[str], ModuleType]) -> None:
    package = submitted("raise ValueError('mine')")
    for _ in range(2):
        with pytest.raises(ValueError, match="mine"):
            script(package, "run_scalar")


def test_a_script_that_is_missing_is_named(submitted: Callable[[str], ModuleType]) -> None:
    with pytest.raises(FileNotFoundError, match=r"project/run_tensor\.py is missing"):
        script(submitted(SCRIPT), "run_tensor")


LINEAR = """
class Parameter:
    def update(self, value):
        self.value = value

class Linear:
    def __init__(self, inputs, outputs):
        names = [f"weight_{i}_{j}" for i in range(inputs) for j in range(outputs)]
        names += [f"bias_{j}" for j in range(outputs)]
        self.named = {name: Parameter() for name in names}

    def named_parameters(self):
        return KIND(self.named.items())
"""


@pytest.mark.parametrize("kind", ["list", "dict", "iter"])
def test_a_layer_keeps_its_parameters(kind: str, submitted: Callable[[str], ModuleType]) -> None:
    package: Any = submitted(LINEAR.replace("KIND", kind))
    package.Scalar = Scalar
    weights, bias = np.arange(6.0).reshape(2, 3), np.array([7.0, 8.0, 9.0])
    layer = linear(package, weights, bias)
    assert type(layer.named["weight_1_2"].value.data) is float
    for found, given in zip(linear_parameters(layer, (2, 3)), (weights, bias), strict=True):
        assert np.array_equal(found, given)
    slopes, _ = linear_parameters(layer, (2, 3), lambda scalar: -scalar.data)
    assert np.array_equal(slopes, -weights)


def test_it_brings_nothing_of_the_grader_into_a_worker() -> None:
    program = "import sys, minigrade.probing; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    loaded = set(done.stdout.decode().split())
    assert not {"hypothesis", "minigrade.authoring", "minigrade.kinds"} & loaded
