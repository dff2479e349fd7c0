"""minigrade grades courses in which students build a small torch.

What the authors of checks need; see `docs/writing-checks.md`. Names are
resolved when first used: a worker, which sits beside student code, imports this
package too and must not get hypothesis, oracles or kinds with it.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from minigrade.kinds.compiled import compiled_check as compiled_check
    from minigrade.kinds.properties import property_check as property_check
    from minigrade.kinds.source import source_check as source_check
    from minigrade.kinds.student_tests import student_tests as student_tests
    from minigrade.kinds.training import Lesson as Lesson
    from minigrade.kinds.training import training_check as training_check
    from minigrade.model import Assignment as Assignment
    from minigrade.model import Case as Case
    from minigrade.model import Course as Course
    from minigrade.model import Minitorch as Minitorch
    from minigrade.model import Task as Task

__version__ = "0.1.0"

_HOMES = {
    "Assignment": "minigrade.model",
    "Case": "minigrade.model",
    "Course": "minigrade.model",
    "Lesson": "minigrade.kinds.training",
    "Minitorch": "minigrade.model",
    "Task": "minigrade.model",
    "compiled_check": "minigrade.kinds.compiled",
    "property_check": "minigrade.kinds.properties",
    "source_check": "minigrade.kinds.source",
    "student_tests": "minigrade.kinds.student_tests",
    "training_check": "minigrade.kinds.training",
}

__all__ = [*sorted(_HOMES), "__version__"]  # noqa: PLE0604  (all are strings)


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'minigrade' has no attribute {name!r}")
    return getattr(importlib.import_module(_HOMES[name]), name)
