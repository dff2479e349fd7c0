"""The grader's handles on the processes that run or read student code.

A `Session` is a worker with a submission and one task's probes loaded; a `Bench`
parses and interprets the submission's text. Both answer with an `Observation`
and never raise: whatever the submission does to its process, that is one
observation, and the next call gets a new process.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec

from minigrade.boundary.process import Process, Zygote
from minigrade.boundary.wire import BODY_LIMIT_BYTES, PlainValue
from minigrade.errors import WireError, WorkerDied, WorkerStalled
from minigrade.model import Frame

LOAD_LIMIT_S = 20.0
CALL_LIMIT_S = 5.0


class Returned(msgspec.Struct, frozen=True):
    """The probe returned `value`, a plain value."""

    value: Any
    printed: str = ""


_Name = Annotated[str, msgspec.Meta(max_length=300)]
_Text = Annotated[str, msgspec.Meta(max_length=2_000)]


class Raised(msgspec.Struct, frozen=True):
    """Something below the probe raised.

    It is the worker's word, so lengths are bounded, and `reason` is one of ours:
    reports may show it of hidden checks.

    Attributes:
        type: the exception's class name.
        message: its text.
        frames: the student's own frames, outermost first.
        reason: ``stub`` (NotImplementedError), ``missing`` (a name that the
            submission should define), ``import`` (a file does not import),
            ``unsendable`` (the probe returned what is no plain value) or ``error``.
        name: the missing name, for ``missing``.
        asked: the probe's line that raised.
    """

    type: _Name
    message: _Text
    frames: Annotated[tuple[Frame, ...], msgspec.Meta(max_length=20)] = ()
    printed: str = ""
    reason: Literal["stub", "missing", "import", "unsendable", "error"] = "error"
    name: _Name = ""
    asked: _Text = ""


class TimedOut(msgspec.Struct, frozen=True):
    """No answer within `limit_s`; the process was killed."""

    limit_s: float
    printed: str = ""


class Crashed(msgspec.Struct, frozen=True):
    """The process ended or wrote garbage; `how` says which."""

    how: str
    printed: str = ""


Observation = Returned | Raised | TimedOut | Crashed
Problem = Raised | TimedOut | Crashed


class Loading(msgspec.Struct):
    """What is known of how a submission loads; shared by all of its sessions.

    Attributes:
        by_file: the package does not load as a whole, so each file is loaded alone.
        problems: the files that do not load, and why.
    """

    by_file: bool = False
    problems: dict[str, Problem] = {}


class Loadable(msgspec.Struct, frozen=True):
    """What a worker loads.

    Attributes:
        root: the copy of the submission.
        scratch: a folder in which the worker may write.
        package: the package under test.
        probes: the slice of the task file; see `minigrade.boundary.slices`.
        probes_name: how tracebacks call it.
        environment: variables to set before loading.
        kernels: a folder of compiled kernels to look in; see `minigrade.kernel_cache`.
        keeps_kernels: put those that are compiled into that folder.
    """

    root: Path
    scratch: Path
    package: str
    probes: str
    probes_name: str
    environment: dict[str, str] = {}
    kernels: Path | None = None
    keeps_kernels: bool = False


def _answered(kind: str, content: PlainValue, printed: str) -> Returned | Raised:
    """Return an answer as what was observed.

    Raises:
        WireError: it is none; or msgspec's ValidationError.
    """
    if kind == "returned":
        return Returned(content, printed)
    if kind == "raised":
        return msgspec.structs.replace(msgspec.convert(content, Raised), printed=printed)
    raise WireError(f"an answer of kind {kind!r:.40}")


def _observe(process: Process, request: dict[str, Any], limit_s: float, body: int) -> Observation:
    """Send `request` and return what came of it; ends `process` unless it answered well."""
    try:
        kind, content = process.ask(request, limit_s, body)
        return _answered(kind, content, process.printed())
    except WorkerStalled:
        process.end()
        return TimedOut(limit_s, process.printed())
    except WorkerDied as error:
        return Crashed(str(error), process.printed())
    except (WireError, msgspec.ValidationError, TypeError, ValueError) as error:
        process.end()
        return Crashed(f"answered with something that is no message ({error})", process.printed())


class Session:
    """A worker with a submission and one task's probes loaded.

    The worker starts with the first call and is replaced when it dies.
    """

    def __init__(self, zygote: Zygote, loadable: Loadable, loading: Loading) -> None:
        self._zygote = zygote
        self._loadable = loadable
        self._loading = loading
        self._process: Process | None = None

    @property
    def problems(self) -> dict[str, Problem]:
        """Files of the submission that do not load, and why; known after the first call."""
        return self._loading.problems

    def call(
        self,
        probe: str,
        args: tuple[PlainValue, ...] | list[PlainValue] = (),
        kwargs: dict[str, PlainValue] | None = None,
        *,
        time_limit_s: float = CALL_LIMIT_S,
        body_limit_bytes: int = BODY_LIMIT_BYTES,
    ) -> Observation:
        """Call ``probe(mt, *args, **kwargs)`` in the worker.

        Raises:
            InternalError: no worker can be had, or a case cannot be sent.
        """
        if self._process is None or not self._process.alive:
            obstacle = self._start()
            if obstacle:
                return obstacle
        assert self._process is not None
        request = {"do": "call", "probe": probe, "args": list(args), "kwargs": kwargs or {}}
        return _observe(self._process, request, time_limit_s, body_limit_bytes)

    def call_each(
        self, probe: str, each: Sequence[list[PlainValue]], *, time_limit_s: float = CALL_LIMIT_S
    ) -> list[Observation]:
        """Call a probe with each list of arguments: in one message, or else one by one."""
        request = {"do": "call_each", "probe": probe, "each": list(each), "kwargs": {}}
        if len(each) > 1 and self._process is not None and self._process.alive:
            seen = _observe(self._process, request, time_limit_s, BODY_LIMIT_BYTES)
            with contextlib.suppress(WireError, msgspec.ValidationError):
                if isinstance(seen, Returned):
                    answers = msgspec.convert(seen.value, list[tuple[str, Any]])
                    if len(answers) == len(each):
                        return [_answered(kind, content, "") for kind, content in answers]
        return [self.call(probe, args, time_limit_s=time_limit_s) for args in each]

    def close(self) -> None:
        """End the worker."""
        if self._process:
            self._process.end()
            self._process = None

    def _start(self) -> Problem | None:
        """Fork a worker and load the submission into it, as a whole or file by file."""
        if not self._loading.by_file:
            self._fork()
            seen = self._load("package")
            if isinstance(seen, Returned):
                self._note_problems(seen.value)
                return None
            self._loading.by_file = True
        self._fork()
        return self._load_by_file()

    def _load_by_file(self) -> Problem | None:
        """Load each file alone, leaving out those that bring the process down."""
        names = sorted(
            str(path.relative_to(self._loadable.root))
            for path in (self._loadable.root / self._loadable.package).glob("*.py")
            if path.name != "__init__.py"
        )
        for name in names:
            if isinstance(self._loading.problems.get(name), TimedOut | Crashed):
                continue
            seen = self._load("file", name)
            if isinstance(seen, TimedOut | Crashed):
                self._loading.problems[name] = seen
                self._fork()
                return self._load_by_file()
            if isinstance(seen, Raised):
                self._loading.problems[name] = seen
        seen = self._load("exports")
        return None if isinstance(seen, Returned) else seen

    def _load(self, what: str, file: str = "") -> Observation:
        assert self._process is not None
        loadable = self._loadable
        request = {
            "do": f"load_{what}",
            "root": str(loadable.root),
            "package": loadable.package,
            "probes": loadable.probes,
            "probes_name": loadable.probes_name,
            "file": file,
        }
        return _observe(self._process, request, LOAD_LIMIT_S, BODY_LIMIT_BYTES)

    def _note_problems(self, found: Any) -> None:
        """Keep the files that the worker could not import; it loaded the others alone."""
        try:
            problems = msgspec.convert(found, dict[str, Raised])
        except msgspec.ValidationError:
            problems = {}
        self._loading.problems.update(problems)

    def _fork(self) -> None:
        self.close()
        loadable = self._loadable
        kernels = [loadable.kernels] if loadable.kernels else []
        self._process = self._zygote.fork(
            "worker",
            readable=[loadable.root, *kernels],
            writable=[loadable.scratch, *(kernels if loadable.keeps_kernels else ())],
            environment=loadable.environment,
            kernels=loadable.kernels,
        )


class Bench:
    """A process that parses and interprets student text; see `minigrade.boundary.bench`."""

    def __init__(self, zygote: Zygote, scratch: Path) -> None:
        self._zygote = zygote
        self._scratch = scratch
        self._process: Process | None = None

    def ask(
        self, operation: str, *, time_limit_s: float = CALL_LIMIT_S, **arguments: PlainValue
    ) -> Observation:
        """Have the bench carry out `operation`."""
        if self._process is None or not self._process.alive:
            self.close()
            self._process = self._zygote.fork("bench", readable=[], writable=[self._scratch])
        request = {"do": "answer", "request": {"operation": operation, **arguments}}
        return _observe(self._process, request, time_limit_s, BODY_LIMIT_BYTES)

    def close(self) -> None:
        """End the process."""
        if self._process:
            self._process.end()
            self._process = None
