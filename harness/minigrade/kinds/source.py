"""The `source` kind: is the student's text written under the rules of its task?

Such as: `sum` and `prod` are built on your `reduce`, not on Python's own. A
source check earns nothing. Where a rule is broken it caps the task, down to
nothing if the check says so, because values alone cannot tell who computed them.
Parsing is done by the bench (see `minigrade.boundary.bench`), in its own process.
"""

from __future__ import annotations

import builtins
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from pathlib import PurePosixPath
from typing import Annotated, Any

import msgspec

from minigrade.boundary.session import Crashed, Observation, Raised, Returned, TimedOut
from minigrade.errors import CourseError
from minigrade.kinds.base import Means, Question, make_check
from minigrade.kinds.texts import read_modules, read_texts
from minigrade.model import Check, Frame, Status, Verdict

_FINDINGS_SHOWN = 10
_FOLLOWED = 8  # a helper of a helper of …, each in another file
_OPERATORS = frozenset(["+", "-", "*", "/", "//", "%", "**", "@", "<<", ">>", "|", "^", "&"])


class Source(msgspec.Struct, frozen=True):
    """What a source check needs; see `source_check`."""

    files: tuple[str, ...]
    rules: dict[str, Any]
    cap: Fraction
    instead: str


def source_check(  # noqa: PLR0913  (all by name; a check states those that it needs)
    *,
    files: tuple[str, ...],
    forbid_imports: tuple[str, ...] = (),
    only_imports: tuple[str, ...] | None = None,
    forbid_calls: tuple[str, ...] = (),
    must_call: Mapping[str, str | tuple[str, ...]] | None = None,
    within: tuple[str, ...] = (),
    parallel: tuple[str, ...] = (),
    instead: str = "",
    cap: int | Fraction = 0,
) -> Callable[[Callable[[], None]], Check]:
    """Make a check of an empty function, whose docstring is the rule as a sentence.

    Names are absolute: ``numpy.dot`` is also ``np.dot`` after ``import numpy as
    np``, and what is in it; ``*`` stands for any characters, so ``*.einsum`` is
    that method of whatever value. A name counts however it is used: called, given
    away or given another name. Functions of the files go by their own names, as
    ``prod`` or ``Module.train``, and count with the helpers that they use, in whichever
    file of the package.

    Args:
        files: Python files of the repository, which are judged together. Other files of the
            package need no mention: they count as far as functions of these use them.
        forbid_imports: modules, or names in them, that are not to be imported,
            be it by a statement, `__import__` or `importlib`.
        only_imports: all that may be imported; the package's own modules too go
            by their names, as ``minitorch``.
        forbid_calls: what is not to be used: builtins (``eval``), absolute names
            (``numpy.dot``) and operators (``@``).
        must_call: by function, the function of the package that it uses, or the
            absolute name (``numba.prange``); of several, one will do. A function
            that is missing or still a stub breaks no rule.
        parallel: functions whose outermost loop, or that of a helper, runs through
            `numba.prange`, in each branch that loops over all of the first argument, other
            than one for small sizes; a missing function or a stub breaks no rule.
        within: functions outside of which nothing is forbidden; () is everywhere.
        instead: what to use instead, to end ``Use …``.
        cap: the part of the task's points that is left where a rule is broken.

    Raises:
        CourseError: the rules cannot be meant; when the check is made.
    """

    def decorate(function: Callable[[], None]) -> Check:
        code = function.__code__
        where = f"{code.co_filename}:{code.co_firstlineno}: {function.__name__}"
        named = {
            "files": files,
            "forbid_imports": forbid_imports,
            "only_imports": () if only_imports is None else only_imports,
            "forbid_calls": forbid_calls,
            "within": within,
            "parallel": parallel,
        }
        for name, value in named.items():
            _require_names(where, name, value)
        if not files or not all(map(_is_inside, files)):
            raise CourseError(f"{where}: files={files!r}; expected Python files of the repository")
        if not 0 <= cap < 1:
            raise CourseError(f"{where}: cap={cap}; expected a part of the points, 0 to below 1")
        rules = {
            "forbid_imports": list(forbid_imports),
            "only_imports": None if only_imports is None else list(only_imports),
            "forbid_calls": [_absolute(where, name) for name in forbid_calls],
            "must_call": _targets(where, must_call or {}),
            "parallel": list(parallel),
        }
        if only_imports is None and not any(rules.values()):
            raise CourseError(f"{where} has no rule; expected forbid_…, only_… or must_…")
        spec = Source(files, {**rules, "within": list(within)}, Fraction(cap), instead)
        return make_check(SOURCE, function, spec, weight=0)

    return decorate


class _SourceKind:
    """See `minigrade.kinds.base.Kind`."""

    name = "source"

    def examine(self, question: Question, means: Means) -> Verdict:
        """Have the bench judge the files by the rules."""
        spec: Source = question.check.spec
        texts, missing, refused = read_texts(means.root, spec.files)
        if refused:
            return _capped(spec, Status.FAILED, "unreadable", refused)
        if not texts:
            return _skipped(missing)
        answer, refused = _asked(spec, texts, means)
        if refused:
            return _capped(spec, Status.FAILED, "unreadable", refused)
        match answer:
            case Returned(value):
                return _judge(spec, value, missing)
            case TimedOut(limit_s):
                message = f"could not be parsed within {limit_s:g} s"
                return _capped(spec, Status.TIMED_OUT, "unreadable", [f"{_all(texts)} {message}"])
            case Crashed(how):
                message = f"could not be parsed: the process that tried {how}"
                return _capped(spec, Status.CRASHED, "unreadable", [f"{_all(texts)} {message}"])
            case Raised(kind, message):
                return _broken(f"{kind}: {message}")


SOURCE = _SourceKind()


def _asked(spec: Source, texts: dict[str, str], means: Means) -> tuple[Observation, list[str]]:
    """Return the bench's answer, once it has the other files that functions of `texts` use.

    And a sentence for each of these that is not to be read.
    """
    helping: dict[str, str] = {}
    for _ in range(_FOLLOWED):
        answer = means.bench.ask(
            "source", files=texts | helping, rules=spec.rules, helping=list(helping)
        )
        outside: Any = answer.value if isinstance(answer, Returned) else None
        try:
            names = msgspec.convert(outside, _Outside).outside
        except msgspec.ValidationError:
            break  # whatever it is, it will be judged
        more, refused = read_modules(means.root, names, texts | helping)
        if refused or not more:
            return answer, refused
        helping |= more
    return answer, []


_Text = Annotated[str, msgspec.Meta(max_length=2_000)]


class _Finding(msgspec.Struct):
    file: _Text
    line: int
    rule: _Text
    function: _Text
    message: _Text
    source: _Text


class _Error(msgspec.Struct):
    file: _Text
    error: _Text
    line: int
    message: _Text


class _Outside(msgspec.Struct):
    """A part of what the bench answers."""

    outside: list[_Text]


class _Answer(msgspec.Struct):
    """What the bench answers; see `minigrade.boundary.bench.source`."""

    findings: list[_Finding]
    more: int
    unwritten: list[str]
    errors: list[_Error]


def _judge(spec: Source, value: Any, missing: list[str]) -> Verdict:
    """Return the verdict on what the bench returned."""
    if isinstance(value, dict) and value.get("error") == "internal":
        return _broken(str(value.get("message")))
    try:
        answer = msgspec.convert(value, _Answer)
    except msgspec.ValidationError as error:
        message = f"the process that parses your files answered nonsense ({error})"
        return _capped(spec, Status.CRASHED, "unreadable", [message])
    deep = [each for each in answer.errors if each.error != "syntax"]
    if answer.findings or deep:
        return _failed(spec, answer, deep)
    reasons = [f"{each.file}:{each.line}: {each.message}" for each in answer.errors] + missing
    functions = spec.rules["must_call"]
    if functions and len(answer.unwritten) == len(functions):
        reasons.append(f"not written yet: {', '.join(functions)}")
    return _skipped(reasons) if reasons else Verdict(status=Status.PASSED, score=Fraction(1))


def _failed(spec: Source, answer: _Answer, deep: Sequence[_Error]) -> Verdict:
    """Return the verdict on broken rules, and on text that nobody can read."""
    shown = answer.findings[:_FINDINGS_SHOWN]
    lines = [f"{each.file}: too deeply nested to be parsed ({each.message})" for each in deep]
    lines += [f"{each.file}:{each.line}: {each.message}" for each in shown]
    more = answer.more + len(answer.findings) - len(shown)
    lines += [f"… and {more} more"] if more else []
    lines += [f"Use {spec.instead}."] if spec.instead and shown else []
    frames = tuple(Frame(each.file, each.line, each.function, each.source) for each in shown)
    category = shown[0].rule if shown else "unreadable"
    return _capped(spec, Status.FAILED, category, lines, frames)


def _capped(
    spec: Source,
    status: Status,
    category: str,
    lines: Sequence[str],
    frames: tuple[Frame, ...] = (),
) -> Verdict:
    message = "\n".join(lines)
    return Verdict(status=status, category=category, message=message, frames=frames, cap=spec.cap)


def _skipped(reasons: Sequence[str]) -> Verdict:
    """Return the verdict on text that does not run either, so that nothing is to be capped."""
    return Verdict(status=Status.SKIPPED, category="no_text", message="\n".join(reasons))


def _broken(what: str) -> Verdict:
    message = f"minigrade failed to judge your files, and you did nothing wrong:\n{what}"
    return Verdict(status=Status.BROKEN, category="internal", message=message)


def _all(texts: Mapping[str, str]) -> str:
    return ", ".join(texts)


def _require_names(where: str, name: str, value: object) -> None:
    if not isinstance(value, tuple) or not all(isinstance(each, str) and each for each in value):
        raise CourseError(f"{where}: {name}={value!r}; expected a tuple of names")


def _targets(where: str, must_call: Mapping[str, str | tuple[str, ...]]) -> dict[str, list[str]]:
    """Return `must_call` with a list for each function."""
    targets = {
        function: (names,) if isinstance(names, str) else names
        for function, names in must_call.items()
    }
    for function, names in targets.items():
        _require_names(where, f"must_call[{function!r}]", names or None)
    return {function: list(names) for function, names in targets.items()}


def _absolute(where: str, name: str) -> str:
    """Return `name` of `forbid_calls` as the bench compares it."""
    if "." in name or name in _OPERATORS:
        return name
    if name in dir(builtins):
        return f"builtins.{name}"
    raise CourseError(
        f"{where}: forbid_calls names {name!r}; expected a builtin, an operator or an absolute "
        "name such as 'numpy.dot'"
    )


def _is_inside(file: str) -> bool:
    path = PurePosixPath(file)
    return not path.is_absolute() and ".." not in path.parts and path.suffix == ".py"
