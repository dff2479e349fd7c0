"""Time the whole reference against its peers: NumPy, OpenBLAS, PyTorch and micrograd.

    python benchmarks/reference.py [--quick] [--json FILE]

Each part runs in a process of its own, one after the other: `reference_ops.py`,
`reference_linear.py`, `reference_steps.py` and `scalars.py`, which can be run alone. What
needs a peer that is not installed is left out, and said. Install the peers with
``pip install torch==2.13.0 micrograd``.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
PARTS = ("reference_steps", "reference_linear", "reference_ops", "scalars")


def main() -> int:
    """Run the parts, print their tables, and return 1 if a gate is missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="fewer turns, smaller tensors")
    parser.add_argument("--json", type=Path)
    wish = parser.parse_args()
    rows: list[dict[str, Any]] = []
    failed = False
    for part in PARTS:
        print(f"\n## {part}\n", flush=True)
        found, code = run(part, ["--quick"] if wish.quick else [])
        rows += found
        failed |= code not in (0, 2)  # 2: a peer is not installed
    missed = [row["work"] for row in rows if not row["ok"]]
    print(f"\n{len(rows) - len(missed)} of {len(rows)} gates are met")
    for work in missed:
        print(f"missed: {work}")
    if wish.json:
        wish.json.write_text(json.dumps(rows, indent=2) + "\n")
    return int(failed)


def run(part: str, flags: list[str]) -> tuple[list[dict[str, Any]], int]:
    """Run one part, whose table goes to standard output; return its rows and exit code."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "rows.json"
        command = [sys.executable, str(HERE / f"{part}.py"), *flags, "--json", str(file)]
        code = subprocess.run(command, check=False).returncode
        return (json.loads(file.read_text()) if file.exists() else []), code


if __name__ == "__main__":
    sys.exit(main())
