"""The reference's CUDA kernels on a real GPU: values, and what compute-sanitizer finds."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

SCRIPT = Path(__file__).with_name("exercise.py")
spec = importlib.util.spec_from_file_location("gpu_exercise", SCRIPT)
assert spec is not None
assert spec.loader is not None
exercise = importlib.util.module_from_spec(spec)
spec.loader.exec_module(exercise)


def sanitizer() -> str | None:
    """Return where compute-sanitizer is, or None."""
    places = [None, "/usr/local/cuda/bin", "/usr/local/cuda/compute-sanitizer"]
    found = (shutil.which("compute-sanitizer", path=place) for place in places)
    return next((each for each in found if each), None)


@pytest.fixture(scope="module", autouse=True)
def mt(checkout: Path) -> Iterator[ModuleType]:
    """Load the reference, or skip all tests where there is no GPU, saying why."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(checkout / "reference"))
        loaded = importlib.import_module("minitorch")
        try:
            loaded.cuda_device.need_device()
            if importlib.import_module("numba").config.ENABLE_CUDASIM:
                pytest.skip("NUMBA_ENABLE_CUDASIM is set: a simulator is no GPU")
        except RuntimeError as error:
            pytest.skip(str(error))
        else:
            yield loaded
        finally:
            for name in [each for each in sys.modules if each.split(".")[0] == "minitorch"]:
                del sys.modules[name]


@pytest.mark.slow
@pytest.mark.parametrize("name", exercise.EXERCISES)
def test_values(mt: ModuleType, name: str) -> None:
    exercise.EXERCISES[name](mt)


@pytest.mark.slow
@pytest.mark.parametrize("tool", ["memcheck", "racecheck", "initcheck", "synccheck"])
@pytest.mark.parametrize("name", ["maps_and_zips", "reductions", "products", "convolutions",
                                  "practice"])  # fmt: skip
def test_compute_sanitizer_finds_nothing(tool: str, name: str) -> None:
    found = sanitizer()
    if found is None:
        pytest.skip("compute-sanitizer is not installed: it comes with the CUDA toolkit")
    command = [found, "--tool", tool, "--error-exitcode", "9", sys.executable, str(SCRIPT), name]
    done = subprocess.run(command, capture_output=True, text=True, timeout=280, check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    assert "ERROR SUMMARY: 0 errors" in done.stdout or "0 hazards" in done.stdout
