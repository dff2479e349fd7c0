"""What tests of assignments share: their checks, asked in this process.

A test of ``test_m0….py`` that takes `one` runs for each property check of m0, for
each value of its `each`. No worker takes part; that is tested with the boundary.
"""

from __future__ import annotations

import copy
import importlib.util
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

import pytest
from hypothesis import strategies as st

from minigrade.authoring.drawing import search
from minigrade.authoring.judging import Judge
from minigrade.boundary import wire
from minigrade.errors import WireError
from minigrade.kinds.properties import Property, judge_of
from minigrade.model import Check
from minigrade.running.catalog import LoadedTask, Part, find_course

REFERENCE = Path(__file__).parents[2] / "reference" / "minitorch"


class Asked(NamedTuple):
    """One property check, for one value of its `each`."""

    part: Part
    check: Check
    value: Any

    @property
    def leading(self) -> tuple[Any, ...]:
        return () if self.value is None else (self.value,)

    @property
    def judge(self) -> Judge:
        return judge_of(self.check.spec, self.value)

    def examples(self) -> list[dict[str, Any]]:
        examples = self.check.spec.examples
        return list(examples if isinstance(examples, tuple) else examples.get(self.value, ()))

    def strategy(self) -> st.SearchStrategy[Any]:
        cases = self.check.spec.cases
        if not isinstance(cases, Mapping | st.SearchStrategy):
            cases = cases(self.value)
        return st.fixed_dictionaries(dict(cases)) if isinstance(cases, Mapping) else cases

    def mistake(self, mt: Any, case: dict[str, Any]) -> str:
        """Return how `mt` fails on a case, or an empty string."""
        spec: Property = self.check.spec
        expected = wire.plain(spec.expect(*self.leading, **copy.deepcopy(case)))
        try:
            answer = self.check.function(mt, *self.leading, **copy.deepcopy(case))
            mismatch = self.judge(expected, wire.plain(answer))
        except WireError as error:
            return f"{case}: {error}"
        except Exception as error:
            return f"{case}: raised {error!r}"
        return f"{case}: {mismatch.message}" if mismatch else ""

    def mistakes(self, mt: Any) -> list[str]:
        """Return how `mt` fails on the examples and on drawn cases."""
        found = [self.mistake(mt, dict(example)) for example in self.examples()]

        def ask(case: dict[str, Any]) -> None:
            found.append(self.mistake(mt, case))

        search(self.strategy(), ask, count=self.check.spec.count, seed_number=0)
        return [one for one in found if one]


def questions(tasks: tuple[LoadedTask, ...]) -> Iterator[tuple[str, Asked]]:
    """Yield the property checks of an assignment, an item for each value of `each`."""
    for task in tasks:
        for part in task.parts:
            for check in part.checks:
                for value in check.each or (None,) if isinstance(check.spec, Property) else ():
                    name = check.name if value is None else f"{check.name}[{value}]"
                    yield f"{task.task.id}/{name}", Asked(part, check, value)


def _assignment(module: Any) -> tuple[LoadedTask, ...]:
    """Return the tasks that a test module is about, by its name."""
    found = re.match(r"test_(m\d)", module.__name__.rpartition(".")[2])
    assert found
    return find_course().load(found[1], hidden=True).tasks


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "one" in metafunc.fixturenames:
        found = dict(questions(_assignment(metafunc.module)))
        metafunc.parametrize("one", found.values(), ids=found.keys())


@pytest.fixture(scope="module")
def tasks(request: pytest.FixtureRequest) -> dict[str, LoadedTask]:
    return {task.task.id: task for task in _assignment(request.module)}


@pytest.fixture(scope="module")
def asked(tasks: dict[str, LoadedTask]) -> dict[str, Asked]:
    return dict(questions(tuple(tasks.values())))


@pytest.fixture(scope="session")
def reference() -> Any:
    """The reference's package, under a name of its own."""
    spec = importlib.util.spec_from_file_location("the_reference", REFERENCE / "__init__.py")
    assert spec
    assert spec.loader
    package = importlib.util.module_from_spec(spec)
    sys.modules["the_reference"] = package
    spec.loader.exec_module(package)
    return package


@pytest.fixture(scope="session")
def rewritten(reference: Any) -> Callable[..., Any]:
    """The reference with other operators, and a `Module` with other methods."""

    def rewrite(operators: dict[str, Any] | None = None, mixin: type | None = None) -> Any:
        changed = SimpleNamespace(**{**vars(reference.operators), **(operators or {})})
        module = type(mixin.__name__, (mixin, reference.Module), {}) if mixin else reference.Module
        return SimpleNamespace(**{**vars(reference), "operators": changed, "Module": module})

    return rewrite
