"""Show the rows that a benchmark has measured. All benchmarks here use it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

Row = dict[str, Any]
"""``work, ours_s, theirs_s, ratio, must, aim, ok``; seconds of 0 were not measured."""


def finish(rows: Sequence[Row], file: Path | None) -> int:
    """Print rows as a Markdown table, write them to `file`, and return the exit code.

    Returns:
        1 if a gate is missed, else 0.
    """
    print("| work | ours | theirs | ratio | must | aim | ok |\n|---|---|---|---|---|---|---|")
    for row in rows:
        print(
            f"| {row['work']} | {shown(row['ours_s'])} | {shown(row['theirs_s'])} | "
            f"{row['ratio']:.2f} | {row['must'] or '-'} | {row['aim'] or '-'} | "
            f"{'yes' if row['ok'] else 'NO'} |"
        )
    if file:
        file.write_text(json.dumps(rows, indent=2) + "\n")
    return 0 if all(row["ok"] for row in rows) else 1


def shown(seconds: float) -> str:
    """Return seconds for people: in milliseconds if they are few, and nothing for 0."""
    if not seconds:
        return "-"
    return f"{seconds * 1e3:.3g} ms" if seconds < 1 else f"{seconds:.2f} s"
