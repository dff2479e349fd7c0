"""Derive every random choice from one number, the same one locally and on a server.

Public checks use the public seed. Hidden ones use a course's secret and the
digest of the graded files: stable for a regrade, new for a new submission.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import stat
from pathlib import Path

import msgspec

from minigrade.errors import StaffError, UsageError
from minigrade.model import Visibility

SECRET_VARIABLE = "MINIGRADE_SECRET_FILE"  # noqa: S105  (the name of a variable)
_SECRET_BYTES = 32


class Seeds(msgspec.Struct, frozen=True):
    """Where the seeds of one grading come from.

    Attributes:
        public: the number behind public checks.
        hidden_key: the key behind hidden checks.
        seed_id: names the pair without giving the key away.
    """

    public: int
    hidden_key: bytes
    seed_id: str

    def of(self, question_id: str, assignment: str, visibility: Visibility) -> int:
        """Return the seed of one question, an integer below 2**64."""
        text = f"{assignment}/{question_id}".encode()
        if visibility is Visibility.HIDDEN:
            digest = hmac.new(self.hidden_key, text, "sha256").digest()
        else:
            digest = hashlib.sha256(f"{self.public}/".encode() + text).digest()
        return int.from_bytes(digest[:8], "big")


def derive(public: int, submission_digest: str, secret: bytes | None) -> Seeds:
    """Return the seeds for one submission.

    Without a course secret hidden checks are seeded by the public number, which is
    good enough for trying them out and not for grading.
    """
    if secret is None:
        return Seeds(public, f"public {public}".encode(), f"public-{public}")
    key = hmac.new(secret, f"{public}/{submission_digest}".encode(), "sha256").digest()
    return Seeds(public, key, f"course-{hashlib.sha256(key).hexdigest()[:12]}")


def read_secret() -> bytes | None:
    """Return the course secret that the environment names, or None without one.

    Raises:
        StaffError: the file is missing, too short, or readable by others.
    """
    name = os.environ.get(SECRET_VARIABLE)
    if not name:
        return None
    path = Path(name)
    try:
        mode = path.stat().st_mode
        secret = path.read_bytes().strip()
    except OSError as error:
        raise StaffError(
            f"{SECRET_VARIABLE} names {path}, which cannot be read ({error.strerror}); make one "
            f"with `minigrade init-course`"
        ) from None
    if stat.S_IMODE(mode) & 0o077:
        raise StaffError(f"{path} can be read by others; run `chmod 600 {path}`")
    if len(secret) < _SECRET_BYTES:
        raise StaffError(f"{path} holds {len(secret)} bytes; expected at least {_SECRET_BYTES}")
    return secret


def make_secret(path: Path) -> None:
    """Write a new course secret to `path`, readable by its owner only.

    Raises:
        UsageError: the file is there already, or its folder is not.
    """
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise UsageError(
            f"{path} exists already; hidden cases depend on it, so it is never replaced"
        ) from None
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}") from None
    with os.fdopen(descriptor, "w") as file:
        file.write(secrets.token_hex(_SECRET_BYTES) + "\n")
