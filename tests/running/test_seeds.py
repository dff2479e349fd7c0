from __future__ import annotations

from pathlib import Path

import pytest

from minigrade.errors import StaffError, UsageError
from minigrade.model import Visibility
from minigrade.running import seeds


def of(seeding: seeds.Seeds, visibility: Visibility) -> int:
    return seeding.of("1.4/backpropagates", "m1", visibility)


def test_public_seeds_depend_on_nothing_but_the_check_and_the_number() -> None:
    first = seeds.derive(0, "a" * 64, None)
    second = seeds.derive(0, "b" * 64, b"s" * 32)
    assert of(first, Visibility.PUBLIC) == of(second, Visibility.PUBLIC)
    assert of(first, Visibility.PUBLIC) != of(seeds.derive(1, "", None), Visibility.PUBLIC)
    assert of(first, Visibility.PUBLIC) != first.of("1.4/other", "m1", Visibility.PUBLIC)


def test_hidden_seeds_are_stable_for_a_submission_and_new_for_another() -> None:
    def hidden(digest: str, secret: bytes) -> int:
        return of(seeds.derive(0, digest, secret), Visibility.HIDDEN)

    assert hidden("a", b"s" * 32) == hidden("a", b"s" * 32)
    assert hidden("a", b"s" * 32) != hidden("b", b"s" * 32)
    assert hidden("a", b"s" * 32) != hidden("a", b"t" * 32)


def test_the_seeds_name_does_not_give_the_key_away() -> None:
    seeding = seeds.derive(0, "a", b"s" * 32)
    assert seeding.hidden_key.hex() not in seeding.seed_id


def test_a_secret_is_made_once_and_read_by_its_owner_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "secret"
    seeds.make_secret(path)
    monkeypatch.setenv(seeds.SECRET_VARIABLE, str(path))
    assert path.stat().st_mode & 0o777 == 0o600
    assert len(seeds.read_secret() or b"") >= 32
    with pytest.raises(UsageError, match="never replaced"):
        seeds.make_secret(path)
    path.chmod(0o644)
    with pytest.raises(StaffError, match="chmod 600"):
        seeds.read_secret()


def test_a_short_or_missing_secret_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "secret"
    monkeypatch.setenv(seeds.SECRET_VARIABLE, str(path))
    with pytest.raises(StaffError, match="init-course"):
        seeds.read_secret()
    path.write_text("short")
    path.chmod(0o600)
    with pytest.raises(StaffError, match="expected at least 32"):
        seeds.read_secret()
