"""Every exception that minigrade raises on purpose.

Whose mistake it was decides what happens next, so it is the type::

    MinigradeError
    ├── SubmissionError     the student's: this submission cannot be graded as it stands
    ├── StaffError          the instructor's
    │   ├── CourseError     a task file or the course is wrong: says file and line
    │   ├── UsageError      the command line asks for what cannot be had
    │   └── DataError       a data file is missing, damaged or not what it should be
    ├── BoundaryError       a conversation with a worker failed; becomes an outcome
    │   ├── WireError       bytes that are no message, or a value that cannot be sent
    │   ├── WorkerDied      the process ended; says how
    │   └── WorkerStalled   the process did not answer in time
    └── InternalError       ours: please report it

A message says what was found, where, what was expected, and what to do.
"""

from __future__ import annotations


class MinigradeError(Exception):
    """Anything that minigrade raises on purpose; `exit_code` is for the command line."""

    exit_code = 2


class SubmissionError(MinigradeError):
    """A submission that cannot be graded at all. The student mends it."""


class StaffError(MinigradeError):
    """A mistake of whoever runs the course. The instructor mends it."""


class CourseError(StaffError):
    """A task file or `course.py` says something that cannot be meant."""


class UsageError(StaffError):
    """A request that this installation cannot fulfil."""


class DataError(StaffError):
    """A file of data is missing, damaged or another one than it should be.

    Says which file, what was expected and what was found.
    """


class BoundaryError(MinigradeError):
    """A worker did not answer as it should; never leaves `minigrade.boundary`."""


class WireError(BoundaryError):
    """Bytes that no `encode` made, or a value that `encode` does not take."""


class WorkerDied(BoundaryError):
    """The worker's process ended before it answered."""


class WorkerStalled(BoundaryError):
    """The worker did not answer within its time."""


class InternalError(MinigradeError):
    """A bug in minigrade. The grade is provisional; please report it."""

    exit_code = 3
