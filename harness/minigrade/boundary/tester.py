"""Run a student's own tests against implementations that are somewhere else.

The submission is loaded as by a `Worker`. Then functions of its package give way to
proxies that ask the grader for each value, and the test file is imported. Whose
answers come back, right ones or wrong ones, nothing in this process knows: it holds
no implementation, no name of one and no order. What a test decides is sent as the
worker's word; `minigrade.kinds.student_tests` says what that is good for.
"""

from __future__ import annotations

import builtins
import importlib
import importlib.util
import inspect
import itertools
import random
import sys
import types
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from minigrade import laying
from minigrade.boundary import replaying
from minigrade.boundary.foreseeing import Call, Foreseen, Key
from minigrade.boundary.serving import Answer, Line
from minigrade.boundary.worker import Worker
from minigrade.errors import WireError

_PACKAGE = "tests"
_NOTES_KEPT = 2_000
# Raised by pytest and unittest for a test that is not to count.
_SKIPS = frozenset({"Skipped", "SkipTest", "XFailed", "_StopTest"})


class Tester(Worker):
    """One submission, and one file of its tests."""

    def __init__(self, line: Line) -> None:
        super().__init__()
        self._line = line
        self._known: dict[Key, Any] = {}  # an implementation gives the same each time
        self._repeats = False  # ask all the same, to show the last calls in full
        self._calls = 0  # of what is replaced
        self._replayer = replaying.Replayer()
        self._foreseen = Foreseen()
        self._tests: types.ModuleType | None = None

    def answer(self, request: dict[str, Any]) -> Answer:
        """Carry out one request of the grader."""
        match request["do"]:
            case "load_tests":
                todo: Callable[..., Any] = self._load_tests
            case "run":
                todo = self._run
            case _:
                return super().answer(request)
        try:
            return "returned", todo(request)
        except BaseException as error:
            return "raised", self._describe(error)

    # Loading

    def _load_tests(self, request: dict[str, Any]) -> dict[str, Any]:
        """Put proxies in place, import the file; return its tests with their marks."""
        home = importlib.import_module(f"{self._package}.{request['module']}")
        for name in request["replaced"]:
            self._replace(home, name)
        file = Path(self._root, request["file"])
        if not file.is_file():
            raise FileNotFoundError(f"{request['file']} is missing")
        self._register(file.parent)
        # Where pytest, too, would find what a test file imports.
        sys.path += [self._root, str(file.parent)]
        self._known, self._replayer, self._foreseen = {}, replaying.Replayer(), Foreseen()
        self._tests = importlib.import_module(f"{_PACKAGE}.{file.stem}")
        return {
            name: [str(mark.name) for mark in _marks(function)]
            for name, function in vars(self._tests).items()
            if name.startswith("test") and callable(function)
        }

    def _replace(self, home: types.ModuleType, name: str) -> None:
        """Let a proxy stand for a function, wherever in the package it has got to."""
        original = vars(home).get(name)
        proxy = self._proxy(name, original)
        for module_name, module in list(sys.modules.items()):
            ours = module_name.split(".")[0] == self._package
            if ours and original is not None and vars(module).get(name) is original:
                setattr(module, name, proxy)
        setattr(home, name, proxy)

    def _register(self, folder: Path) -> None:
        """Make the folder a package, with or without an ``__init__``, as pytest does."""
        location = folder / "__init__.py"
        if location.is_file():
            spec = importlib.util.spec_from_file_location(
                _PACKAGE, location, submodule_search_locations=[str(folder)]
            )
            assert spec is not None
            assert spec.loader is not None
            package = importlib.util.module_from_spec(spec)
            sys.modules[_PACKAGE] = package
            spec.loader.exec_module(package)
        else:
            package = types.ModuleType(_PACKAGE)
            package.__path__ = [str(folder)]
            sys.modules[_PACKAGE] = package

    # Standing in

    def _proxy(self, name: str, original: Any) -> Callable[..., Any]:
        """Return a function that has the grader answer for it."""

        def proxy(*args: Any, **named: Any) -> Any:
            self._calls += 1
            args = _in_order(original, args, named)
            if args and _is_tensor(args[0]):
                return self._of_tensor(name, *args)
            return self._answered(name, args)

        proxy.__name__ = proxy.__qualname__ = name
        return proxy

    def _answered(self, name: str, args: Sequence[Any]) -> Any:
        plain = [_plain(arg) for arg in args]
        key = (name, repr(plain))
        if self._repeats:
            self._ask({key: (name, plain)})
        elif key not in self._known:
            self._ask(self._foreseen.after(key, self._known) or {key: (name, plain)})
        self._foreseen.made(key, (name, plain))
        found = self._known[key]
        if "raised" in found:
            raise _exception(found["raised"])(found["message"])
        return found["value"]

    def _of_tensor(self, name: str, tensor: Any, *rest: Any) -> Any:
        """Return what a function gives for a Tensor, as a Tensor with a history.

        Its derivative is asked for by one argument more, ``{"d": …}``: what it starts from.
        """
        package: Any = sys.modules[self._package]
        given, backend = [_plain(tensor), *rest], tensor.backend

        def forward(_ctx: Any, _tensor: Any) -> Any:
            return made(self._answered(name, given))

        def backward(_ctx: Any, d: Any) -> Any:
            return made(self._answered(name, [*given, {"d": _plain(d)}]))

        def made(value: Any) -> Any:
            return laying.tensor(package, np.array(value), constant=True, backend=backend)

        methods = {"forward": staticmethod(forward), "backward": staticmethod(backward)}
        function: Any = type(name, (package.Function,), methods)
        return function.apply(tensor)

    def _ask(self, calls: Mapping[Key, Call]) -> None:
        try:
            self._line.send("asked", [list(call) for call in calls.values()])
        except WireError as error:
            raise TypeError(f"{next(iter(calls))[0]}: {error}") from None
        self._known.update(zip(calls, self._line.receive()["answers"], strict=True))

    # Running

    def _run(self, request: dict[str, Any]) -> dict[str, Any]:
        """Run tests with one implementation; return what became of them."""
        self._known, self._repeats = {}, request["shrink"]
        self._foreseen.begin((*request["tests"], request["seed"], request["count"]))
        try:
            return self._run_tests(request)
        finally:
            self._foreseen.end()

    def _run_tests(self, request: dict[str, Any]) -> dict[str, Any]:
        for name in request["tests"]:
            test = getattr(self._tests, name)
            _set_up_hypothesis(test, request["seed"], request["count"], shrink=request["shrink"])
            random.seed(request["seed"])
            np.random.seed(request["seed"] % 2**32)
            for number, arguments in enumerate(_parameters(test)):
                try:
                    if replaying.is_drawing(test) and not request["shrink"]:
                        key = name, number, request["seed"], request["count"]
                        self._replayer.run(test, arguments, key, lambda: self._calls)
                    else:
                        test(**arguments)
                except BaseException as error:
                    return self._became(name, error)
        return {"verdict": "passed"}

    def _became(self, name: str, error: BaseException) -> dict[str, Any]:
        skipped = {kind.__name__ for kind in type(error).__mro__} & _SKIPS
        stub = isinstance(error, NotImplementedError)
        notes = [note for note in getattr(error, "__notes__", []) if isinstance(note, str)]
        return {
            "verdict": "skipped" if skipped else "stub" if stub else "failed",
            "test": name,
            "error": self._describe(error),
            "case": self._clean("\n".join(notes[:1]))[:_NOTES_KEPT],
        }


def _plain(arg: Any) -> Any:
    """Return an argument as it can be sent: what can be gone through, as a list."""
    if isinstance(arg, np.generic):
        return arg.item()
    if _is_tensor(arg):
        return laying.values(arg).tolist()
    if hasattr(arg, "__iter__") and not isinstance(arg, str | dict | np.ndarray):
        return [_plain(item) for item in arg]
    return arg


def _is_tensor(arg: Any) -> bool:
    """Tell a Tensor of the submission's, by what every year's has."""
    return hasattr(arg, "_tensor") and hasattr(arg, "backend")


def _in_order(function: Any, args: tuple[Any, ...], named: dict[str, Any]) -> tuple[Any, ...]:
    """Return the arguments of a call in the order of the student's own function."""
    if named:
        try:
            return inspect.signature(function).bind(*args, **named).args
        except (TypeError, ValueError):  # there is no such function, or it takes others
            return (*args, *named.values())
    return args


def _exception(name: str) -> type[Exception]:
    """Return Python's own exception of that name, as tests may wait for it."""
    found = getattr(builtins, name, None)
    return found if isinstance(found, type) and issubclass(found, Exception) else RuntimeError


def _marks(function: Any) -> list[Any]:
    """Return pytest's marks of a test."""
    marks = getattr(function, "pytestmark", [])
    return [mark for mark in marks if hasattr(mark, "name")] if isinstance(marks, list) else []


def _parameters(test: Any) -> Iterator[dict[str, Any]]:
    """Yield the arguments that ``pytest.mark.parametrize`` gives to a test; once {} without."""
    columns: list[list[dict[str, Any]]] = []
    for mark in _marks(test):
        if mark.name == "parametrize":
            names, values = mark.args[:2]
            names = names.split(",") if isinstance(names, str) else names
            names = [name.strip() for name in names]
            columns.append([_row(names, value) for value in values])
    for rows in itertools.product(*columns):
        yield {name: value for row in rows for name, value in row.items()}


def _row(names: list[str], value: Any) -> dict[str, Any]:
    """Return one set of parameters; `pytest.param` keeps its values in ``values``."""
    if type(value).__name__ == "ParameterSet":
        return dict(zip(names, value.values, strict=True))
    return {names[0]: value} if len(names) == 1 else dict(zip(names, value, strict=True))


def _set_up_hypothesis(test: Any, seed: int, count: int, *, shrink: bool) -> None:
    """Bound what hypothesis does, and decide its cases, whatever the file has set.

    For tests that use it: what they do not import is not imported here.
    """
    if "hypothesis" not in sys.modules:
        return
    from hypothesis import HealthCheck, Phase, core, settings
    from hypothesis.internal.conjecture import providers
    from hypothesis.internal.constants_ast import Constants

    settings.register_profile(
        "minigrade",
        max_examples=count,
        database=None,
        deadline=None,
        derandomize=False,
        report_multiple_bugs=False,
        print_blob=False,
        phases=(Phase.explicit, Phase.generate, *([Phase.shrink] if shrink else [])),
        suppress_health_check=list(HealthCheck),
    )
    settings.load_profile("minigrade")
    # Else numbers in the text of local modules were drawn, and of minigrade's, if it is one.
    providers._get_local_constants = Constants
    core.global_force_seed = seed  # type: ignore[assignment]  # for tests that a test makes inside
    if hasattr(test, "hypothesis"):
        test._hypothesis_internal_use_settings = settings.get_profile("minigrade")
        test._hypothesis_internal_use_seed = seed
