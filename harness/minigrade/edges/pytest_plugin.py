"""Show checks as pytest items, so that ``-k``, ``--junitxml`` and editors work.

Active only where pyproject.toml has ``[tool.minigrade]``, as a template's has. The
grade never depends on pytest: an item asks the same question, of a worker, as
``minigrade check`` does.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from minigrade.model import Outcome
    from minigrade.running.asking import Desk
    from minigrade.running.units import Unit


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(session: pytest.Session, items: list[pytest.Item]) -> None:
    """Add an item for each question of the assignment that pyproject.toml names."""
    if not _is_active(session.config):
        return
    examination = _Examination(session)
    session.config.add_cleanup(examination.close)
    items.extend(examination.items())


def _is_active(config: pytest.Config) -> bool:
    """Whether the project asks for its checks, and the user for no particular files."""
    file = config.rootpath / "pyproject.toml"
    if not file.is_file() or "[tool.minigrade]" not in file.read_text("utf-8", "replace"):
        return False
    return not config.args or config.args_source is not pytest.Config.ArgsSource.ARGS


class _Examination:
    """The desk that the items of a session share; opened with the first question."""

    def __init__(self, session: pytest.Session) -> None:
        self._session = session
        self._stack = ExitStack()
        self._desk: Desk | None = None
        self._is_prepared = False

    def items(self) -> Iterator[pytest.Item]:
        from minigrade.edges.checking import resolve
        from minigrade.errors import MinigradeError
        from minigrade.running import units
        from minigrade.running.catalog import find_course
        from minigrade.running.submission import find

        try:
            self._course = find_course()
            self._found = find(self._session.config.rootpath, self._course.course)
            [(assignment, _)] = resolve(self._course, (), self._found)
            self._loaded = self._course.load(assignment, hidden=False)
        except MinigradeError as error:
            raise pytest.UsageError(f"minigrade: {error}") from None
        for task in self._loaded.tasks:
            for unit in units.units(task, most=1):
                name = units.question_ids(unit)[0]
                yield CheckItem.from_parent(
                    self._session,
                    name=name,
                    nodeid=f"{self._loaded.assignment.id}::{name}",
                    unit=unit,
                    examination=self,
                )

    def ask(self, unit: Unit) -> Outcome:
        """Ask one question; have the kernels of all that are selected compiled beforehand."""
        desk = self._desk or self._open()
        if unit.jit and not self._is_prepared:
            self._is_prepared = True
            desk.prepare_all([*self._selected()])
        [outcome] = desk.work(unit)
        return outcome

    def _selected(self) -> Iterator[Unit]:
        """Yield units of what is selected, cut as ``minigrade check`` cuts them."""
        from minigrade.running import units

        chosen = {item.name for item in self._session.items if isinstance(item, CheckItem)}
        for task in self._loaded.tasks:
            names = [name for name in units.names(task) if f"{task.task.id}/{name}" in chosen]
            if names:
                yield from units.units(task, names)

    def _open(self) -> Desk:
        from minigrade.running import asking
        from minigrade.running.examining import Request, opened

        request = Request(assignment=self._loaded.assignment.id, keep_kernels=True)
        room = self._stack.enter_context(opened(self._course, self._loaded, request, self._found))
        self._desk = asking.Desk(room)
        self._stack.callback(self._desk.close)
        return self._desk

    def close(self) -> None:
        self._stack.close()


class CheckItem(pytest.Item):
    """One question of one check."""

    def __init__(self, *, unit: Unit, examination: _Examination, **keywords: Any) -> None:
        super().__init__(**keywords)
        self._unit = unit
        self._examination = examination

    def runtest(self) -> None:
        """Ask the question; fail unless it passes."""
        from minigrade.model import Status
        from minigrade.running.scoring import is_to_mend

        outcome = self._examination.ask(self._unit)
        if outcome.status is Status.SKIPPED:
            pytest.skip(outcome.message)
        if is_to_mend(outcome):
            raise _CheckFailed(outcome)
        if not outcome.status.passed:
            pytest.xfail(f"costs nothing: {outcome.sentence}")

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """Show what ``minigrade check`` shows of the outcome."""
        if isinstance(excinfo.value, _CheckFailed):
            from minigrade.edges.text import outcome_text

            return outcome_text(excinfo.value.outcome)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Any, int | None, str]:
        """Name the check as reports do."""
        return self.path, None, self.nodeid


class _CheckFailed(Exception):
    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome.message)
        self.outcome = outcome
