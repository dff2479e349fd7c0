"""The `training` kind: does a model learn that is trained with the submission?

The grader drives. It sends parameters and a few steps' batches, a chunk, and gets
parameters and losses back, which start the next chunk. A submission could send
whatever it likes, weights that somebody else has trained included; so the grader
replays chunks, chosen when nobody can know, in NumPy. At the end it tries the
parameters itself, on data that never reached the submission.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Hashable, Mapping
from fractions import Fraction
from typing import Any

import msgspec
import numpy as np

from minigrade.authoring.judging import Judge, Mismatch, close
from minigrade.boundary.session import Observation, Returned
from minigrade.errors import CourseError
from minigrade.kinds.base import Means, Question, make_check
from minigrade.kinds.failures import describe, printable
from minigrade.kinds.snippets import as_code
from minigrade.model import Check, Status, Verdict

CHUNK_LIMIT_S = 30.0

Arrays = dict[str, np.ndarray]


class Lesson(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be learned.

    Attributes:
        params: the parameters to start from, by name.
        batches: what each step gets, by name; the first axis counts the steps.
        constants: what every step gets, such as a rate.
        exam: what `score` gets beside the parameters. It stays in the grader.
    """

    params: Arrays
    batches: Arrays
    constants: dict[str, Any] = {}
    exam: dict[str, Any] = {}

    @property
    def steps(self) -> int:
        """How many steps there are."""
        return min(len(batch) for batch in self.batches.values())


class Training(msgspec.Struct, frozen=True):
    """What a training check needs; see `training_check`."""

    setup: Callable[..., Lesson]
    replay: Callable[..., dict[str, Any]]
    score: Callable[..., float]
    threshold: float
    chunks: int
    replays: int | None
    rtol: float
    time_limit_s: float


def training_check(  # noqa: PLR0913  (all by name; a check states those that it needs)
    *,
    setup: Callable[..., Lesson],
    replay: Callable[..., dict[str, Any]],
    score: Callable[..., float],
    threshold: float,
    chunks: int = 10,
    replays: int | None = None,
    rtol: float = 1e-6,
    each: tuple[Hashable, ...] = (),
    weight: int | Fraction = 1,
    time_limit_s: float = CHUNK_LIMIT_S,
    jit: bool | None = None,
) -> Callable[[Callable[..., Any]], Check]:
    """Make a check of a probe that trains for a few steps with the student's code.

    The probe is ``(mt, params, **batches, **constants)`` and returns
    ``{"params": {name: array}, "losses": [one a step]}``. Its docstring is the
    sentence that the student reads.

    Args:
        setup: ``(rng) -> Lesson``, with a NumPy generator.
        replay: ``(params, **batches, **constants)``, the same as the probe in NumPy.
            It must leave its arguments as they are.
        score: ``(params, **exam)``, how much was learned, from 0 to 1.
        threshold: the score to reach, from a calibration of `replay`: what honest
            code reaches with room to spare, whatever the seed.
        chunks: how many calls the steps are cut into.
        replays: how many of them to replay; all by default.
        rtol: how far an honest answer may be off, relatively, after one chunk.
        each: values that probe, `setup`, `replay` and `score` get first, an outcome each.
        weight: the check's share of the task, over all values of `each`.
        time_limit_s: for one chunk.
        jit: True trains in a worker that finds kernels compiled, as with `property_check`.
    """

    def decorate(probe: Callable[..., Any]) -> Check:
        spec = Training(setup, replay, score, threshold, chunks, replays, rtol, time_limit_s)
        made = make_check(TRAINING, probe, spec, weight=weight, each=each)
        return msgspec.structs.replace(made, jit=jit)

    return decorate


class _TrainingKind:
    """See `minigrade.kinds.base.Kind`."""

    name = "training"
    has_probe = True

    def examine(self, question: Question, means: Means) -> Verdict:
        """Train chunk by chunk, replay some, and score what came out."""
        return _Course(question, means).verdict()


TRAINING = _TrainingKind()


class _Chunk(msgspec.Struct, frozen=True):
    """Some steps: the first and the one after the last, what went in and what came out."""

    start: int
    stop: int
    case: dict[str, Any]
    answer: dict[str, Any]


class _Course:
    """One run of a training check."""

    def __init__(self, question: Question, means: Means) -> None:
        self._question = question
        self._means = means
        self._spec: Training = question.check.spec
        self._judge: Judge = close(rtol=self._spec.rtol, atol=self._spec.rtol / 1000)
        self._lesson: Lesson = self._ask_author("setup", np.random.default_rng(question.seed))
        self._losses: list[float] = []
        self._scores: list[float] = []

    def verdict(self) -> Verdict:
        """Return what became of the check.

        Raises:
            CourseError: one of the author's functions fails.
        """
        spans = np.array_split(np.arange(self._lesson.steps), self._spec.chunks)
        wanted = len(spans) if self._spec.replays is None else min(self._spec.replays, len(spans))
        # Not from the seed, which is public where the checks are.
        chosen = secrets.SystemRandom().sample(range(len(spans)), wanted)
        params, done = self._lesson.params, list[_Chunk]()
        for number, span in enumerate(spans):
            start, stop = int(span[0]), int(span[-1]) + 1
            case = self._case(params, start, stop)
            observed = self._call(case)
            failed, answer = self._read(observed, stop - start)
            if failed:
                return self._with_curve(failed, number + 1)
            done.append(_Chunk(start, stop, case, answer))
            if number in chosen and self._replayed(done[-1]):
                return self._with_curve(self._first_wrong(done), number + 1)
            params = answer["params"]
            self._losses += answer["losses"]
            self._scores.append(float(self._ask_author("score", params, **self._lesson.exam)))
        return self._with_curve(self._graded(), len(spans))

    def _case(self, params: Arrays, start: int, stop: int) -> dict[str, Any]:
        """Return what the probe gets for the steps from `start` up to `stop`."""
        batches = {name: batch[start:stop] for name, batch in self._lesson.batches.items()}
        return {"params": params, **batches, **self._lesson.constants}

    def _call(self, case: dict[str, Any]) -> Observation:
        name, limit_s = self._question.check.name, self._spec.time_limit_s
        return self._means.session.call(name, self._question.leading(), case, time_limit_s=limit_s)

    def _read(self, observed: Observation, steps: int) -> tuple[Verdict | None, dict[str, Any]]:
        """Return the answer of a chunk, or the verdict on what is none."""
        if not isinstance(observed, Returned):
            return describe(observed, self._question, self._means.session.problems), {}
        answer = _with_listed_losses(observed.value)
        mismatch = _malformed(answer, self._lesson.params, steps)
        if mismatch is None:
            return None, answer
        return Verdict(
            status=Status.FAILED,
            category=mismatch.category,
            message=mismatch.message,
            observed=printable(answer),
            printed=observed.printed,
        ), {}

    def _replayed(self, chunk: _Chunk) -> Mismatch | None:
        """Return where NumPy, from the same parameters, comes to something else."""
        return self._judge(self._replay(chunk.case), chunk.answer)

    def _replay(self, case: dict[str, Any]) -> dict[str, Any]:
        expected = _with_listed_losses(self._ask_author("replay", **case))
        return {"losses": expected["losses"], "params": expected["params"]}

    def _first_wrong(self, done: list[_Chunk]) -> Verdict:
        """Return the verdict on the first wrong chunk, or on its first step if that is wrong.

        All chunks so far are replayed: which ones were chosen must not show in the report.
        """
        chunk = next(chunk for chunk in done if self._replayed(chunk))
        case = self._case(chunk.case["params"], chunk.start, chunk.start + 1)
        failed, answer = self._read(self._call(case), 1)
        step = _Chunk(chunk.start, chunk.start + 1, case, answer)
        return self._wrong(chunk if failed or not self._replayed(step) else step)

    def _wrong(self, chunk: _Chunk) -> Verdict:
        mismatch = self._replayed(chunk)
        assert mismatch is not None
        start, stop, steps = chunk.start + 1, chunk.stop, self._lesson.steps
        place = f"step {start}" if start == stop else f"steps {start} to {stop}"
        expected = self._replay(chunk.case)
        return Verdict(
            status=Status.FAILED,
            category=mismatch.category,
            message=f"{place} of {steps}, {mismatch.message}{_hint(mismatch)}",
            case=as_code(self._question, chunk.case) if start == stop else "",
            expected=printable(expected),
            observed=printable({name: chunk.answer[name] for name in expected}),
        )

    def _graded(self) -> Verdict:
        """Return the verdict on parameters that were come by honestly."""
        threshold, reached, steps = self._spec.threshold, self._scores[-1], self._lesson.steps
        passed = reached >= threshold
        found = f"{reached:.1%} right after {steps} steps, on data that training did not see"
        return Verdict(
            status=Status.PASSED if passed else Status.FAILED,
            score=Fraction(int(passed)),
            category="" if passed else "not_learned",
            message=found if passed else f"{found}; {threshold:.1%} are needed",
        )

    def _with_curve(self, verdict: Verdict, chunks: int) -> Verdict:
        data = {
            "losses": self._losses,
            "scores": self._scores,
            "steps": self._lesson.steps,
            "threshold": self._spec.threshold,
        }
        return msgspec.structs.replace(verdict, cases=chunks, data=data)

    def _ask_author(self, part: str, *args: Any, **kwargs: Any) -> Any:
        """Call ``setup``, ``replay`` or ``score`` of the task file."""
        function = getattr(self._spec, part)
        try:
            with np.errstate(all="ignore"):  # parameters may be as wild as they like
                return function(*self._question.leading(), *args, **kwargs)
        except Exception as error:
            name = self._question.id
            raise CourseError(f"{name}: `{part}` fails: {error!r}") from error


def _with_listed_losses(answer: Any) -> Any:
    """Return `answer` with its losses, where they are an array, as a list."""
    if isinstance(answer, Mapping) and isinstance(answer.get("losses"), np.ndarray):
        return {**answer, "losses": answer["losses"].tolist()}
    return answer


def _malformed(answer: Any, params: Arrays, steps: int) -> Mismatch | None:
    """Return what keeps `answer` from being parameters and losses, if anything does."""
    if not isinstance(answer, dict) or answer.keys() != {"params", "losses"}:
        return Mismatch("wrong_type", f"expected params and losses, got {printable(answer):.80}")
    losses, found = answer["losses"], answer["params"]
    if not isinstance(losses, list) or not all(type(loss) in (int, float) for loss in losses):
        return Mismatch("wrong_type", "at ['losses']: expected a list of numbers")
    if len(losses) != steps:
        return Mismatch("wrong_length", f"expected {steps} losses, one a step, got {len(losses)}")
    if not isinstance(found, dict) or found.keys() != params.keys():
        return Mismatch("wrong_keys", f"at ['params']: expected {', '.join(params)}")
    for name, array in params.items():
        came, where = found[name], f"at ['params'][{name!r}]"
        if not isinstance(came, np.ndarray) or came.dtype.kind != "f":
            return Mismatch("wrong_type", f"{where}: expected an array of floats")
        if came.shape != array.shape:
            problem = f"expected shape {array.shape}, got {came.shape}"
            return Mismatch("wrong_shape", f"{where}: {problem}")
    if not all(np.isfinite(found[name]).all() for name in params) or not np.isfinite(losses).all():
        return Mismatch("not_finite", "training left the finite numbers: there are NaN or inf")
    return None


def _hint(mismatch: Mismatch) -> str:
    """Say what a first mismatch tells of the mistake, where it tells anything."""
    if "['losses'][0]" in mismatch.message:
        return "; the first loss is wrong, so the forward pass is"
    if "['losses']" in mismatch.message or "['params']" in mismatch.message:
        return "; the first loss is right, so the derivatives are wrong, or the update"
    return ""
