"""What runs beside student code: load a submission, call probes, return plain values.

Nothing here is trusted by the grader. It holds the student's package and a slice
of a task file, with no cases, expectations, weights or seeds; it answers with
values, never with verdicts. A student who takes it over can choose what values
it sends, which is what student code does anyway.
"""

from __future__ import annotations

import ast
import importlib
import importlib.util
import linecache
import os
import random
import re
import sys
import types
from pathlib import Path
from typing import Any

import numpy as np

from minigrade.boundary.serving import Answer

_FRAMES_KEPT = 8
_MESSAGE_KEPT = 2_000  # the grader refuses longer ones, as nothing honest sends them
_NAME_KEPT = 300
_MESSAGE_ALIASES = re.compile(r"0x[0-9a-fA-F]{4,}")


class Worker:
    """One submission, and the probes of one task."""

    def __init__(self) -> None:
        self._root = ""
        self._package = ""
        self._minitorch: types.ModuleType | None = None
        self._probes: dict[str, Any] = {}
        self._probes_name = ""
        self._probe_lines: list[str] = []

    def answer(self, request: dict[str, Any]) -> Answer:
        """Carry out one request of the grader."""
        random.seed(0)  # the same call gives the same values, in whatever order calls come
        np.random.seed(0)
        try:
            match request["do"]:
                case "call":
                    probe = self._probes[request["probe"]]
                    value = probe(self._minitorch, *request["args"], **request["kwargs"])
                    return "returned", value
                case "call_each":
                    calls = ({**request, "do": "call", "args": args} for args in request["each"])
                    return "returned", [list(self.answer(call)) for call in calls]
                case "load_package":
                    return "returned", self._load_package(request)
                case "load_file":
                    self._load_file(request)
                    return "returned", None
                case "load_exports":
                    self._load_exports()
                    return "returned", None
            raise KeyError(request["do"])
        except BaseException as error:
            return "raised", self._describe(error)

    # Loading

    def _load_package(self, request: dict[str, Any]) -> dict[str, Any]:
        """Load package and probes; return the files that do not load, with the reason.

        When ``__init__`` fails each file is imported alone, so that one bad file
        costs only the checks that need it.
        """
        self._prepare(request)
        assert self._minitorch is not None
        spec = self._minitorch.__spec__
        problems: dict[str, Any] = {}
        try:
            if spec is None or spec.loader is None:
                raise FileNotFoundError(f"{self._package}/__init__.py")
            spec.loader.exec_module(self._minitorch)
        except BaseException:
            for path in sorted(Path(self._root, self._package).glob("*.py")):
                if path.name != "__init__.py":
                    problem = self._import(path.stem)
                    if problem:
                        problems[f"{self._package}/{path.name}"] = problem
            self._load_exports()
        self._load_probes(request)
        return problems

    def _load_file(self, request: dict[str, Any]) -> None:
        """Import one file of the package; raise what it raises."""
        if self._minitorch is None:
            self._prepare(request)
            self._load_probes(request)
        importlib.import_module(f"{self._package}.{Path(request['file']).stem}")

    def _prepare(self, request: dict[str, Any]) -> None:
        """Register the package, not yet executed, under its name."""
        self._root, self._package = request["root"], request["package"]
        folder = Path(self._root, self._package)
        location = folder / "__init__.py"
        name = self._package
        if location.is_file():
            spec = importlib.util.spec_from_file_location(
                name, location, submodule_search_locations=[str(folder)]
            )
            assert spec is not None
            module = importlib.util.module_from_spec(spec)
        else:
            module = types.ModuleType(name)
            module.__path__ = [str(folder)]
        sys.modules[name] = module
        self._minitorch = module

    def _load_probes(self, request: dict[str, Any]) -> None:
        """Execute the slice of the task file, with its own module as a namespace."""
        name = request["probes_name"]
        module = types.ModuleType("probes")
        flags = importlib.import_module("__future__").annotations.compiler_flag
        code = compile(request["probes"], name, "exec", flags=flags, dont_inherit=True)
        exec(code, module.__dict__)  # noqa: S102  (the instructor's text)
        self._probes = module.__dict__
        self._probes_name = name
        self._probe_lines = request["probes"].splitlines()

    def _import(self, stem: str) -> dict[str, Any] | None:
        """Import one file of the package; return what it raised, if anything."""
        try:
            importlib.import_module(f"{self._package}.{stem}")
        except BaseException as error:
            return self._describe(error)
        return None

    def _load_exports(self) -> None:
        """Give the package the names that its ``__init__`` would have imported."""
        assert self._minitorch is not None
        for stem, names in _exports(Path(self._root, self._package)):
            module = sys.modules.get(f"{self._package}.{stem}")
            if module is None:
                continue
            public = [name for name in vars(module) if not name.startswith("_")]
            for name in getattr(module, "__all__", public) if names == ["*"] else names:
                if hasattr(module, name):
                    setattr(self._minitorch, name, getattr(module, name))

    # Describing what was raised

    def _describe(self, error: BaseException) -> dict[str, Any]:
        """Return an exception as plain values, with the student's frames only."""
        try:
            text = str(error)
        except BaseException:
            text = "(its text cannot be had: __str__ raised)"
        frames, asked = self._frames(error)
        if isinstance(error, SyntaxError) and error.filename and error.lineno:
            frames.append(self._frame(error.filename, error.lineno, ""))
        reason, name = self._reason(error)
        return {
            "type": type(error).__name__[:_NAME_KEPT],
            "message": self._clean(text),
            "frames": [frame for frame in frames if frame],
            "reason": reason,
            "name": name[:_NAME_KEPT],
            "asked": asked[:_MESSAGE_KEPT],
        }

    def _clean(self, text: str) -> str:
        """Shorten `text`, and take out what differs from run to run."""
        text = text.replace(self._root + os.sep, "").replace(f"{Path.cwd()}{os.sep}", "")
        return _MESSAGE_ALIASES.sub("0x…", text)[:_MESSAGE_KEPT]

    def _frames(self, error: BaseException) -> tuple[list[Any], str]:
        """Return the student's frames, outermost first, and the probe's last line."""
        frames: list[Any] = []
        asked = ""
        step = error.__traceback__
        while step:
            code, line = step.tb_frame.f_code, step.tb_lineno
            if code.co_filename == self._probes_name and line <= len(self._probe_lines):
                asked = self._probe_lines[line - 1].strip()
            elif file := self._ours(code.co_filename):
                frames.append((file, line, code.co_name))
            step = step.tb_next
        if len(frames) > _FRAMES_KEPT:
            half = _FRAMES_KEPT // 2
            frames = frames[:half] + frames[-half:]
        return [self._frame(*frame) for frame in frames], asked

    def _ours(self, file: str) -> str:
        """Return where a file of the submission lies; an empty string if it is none.

        A kernel that was kept names a file of the copy in which it was compiled, which lay
        beside this one, in a folder of its own.
        """
        if file.startswith(self._root + os.sep):
            return file
        home, name = os.path.split(self._root)
        before = os.path.dirname(home)  # noqa: PTH120  (no Path for each frame)
        inside = re.fullmatch(rf"{re.escape(before)}/[^/]+/{re.escape(name)}/(.+)", file)
        return os.path.join(self._root, inside[1]) if inside else ""  # noqa: PTH118

    def _frame(self, file: str, line: int, function: str) -> dict[str, Any] | None:
        """Return one frame as plain values, if it lies in the submission."""
        if not self._ours(file):
            return None
        source = linecache.getline(file, line).strip()[:200]
        name = os.path.relpath(file, self._root)
        return {"file": name, "line": line, "function": function[:_NAME_KEPT], "source": source}

    def _reason(self, error: BaseException) -> tuple[str, str]:
        """Return why `error` came, as far as that has a name, and the name it is about."""
        package = self._package
        if isinstance(error, NotImplementedError):
            return "stub", ""
        if isinstance(error, SyntaxError):
            return "import", ""
        if isinstance(error, AttributeError) and isinstance(error.obj, types.ModuleType):
            if error.obj.__name__.split(".")[0] == package:
                return "missing", f"{error.obj.__name__}.{error.name}"
        elif isinstance(error, AttributeError) and isinstance(error.obj, type):
            name = f"{error.obj.__module__}.{error.obj.__qualname__}"
            if name.partition(".")[0] == package:
                return "missing", f"{name}.{error.name}"
        elif isinstance(error, ImportError) and (error.name or "").split(".")[0] == package:
            return "missing", str(error.name)
        elif isinstance(error, ImportError):
            return "import", str(error.name)
        return "error", ""


def _exports(folder: Path) -> list[tuple[str, list[str]]]:
    """Return what ``__init__.py`` imports from its files: (file's stem, names).

    Without a readable ``__init__`` every file but `operators`, whose names shadow
    builtins, is taken to be imported whole.
    """
    try:
        tree = ast.parse((folder / "__init__.py").read_bytes())
    except (OSError, ValueError, SyntaxError, RecursionError, MemoryError):
        stems = sorted(path.stem for path in folder.glob("*.py"))
        return [(stem, ["*"]) for stem in stems if stem not in ("__init__", "operators")]
    return [
        (node.module, [alias.name for alias in node.names])
        for node in tree.body
        if isinstance(node, ast.ImportFrom) and node.level == 1 and node.module
    ]
