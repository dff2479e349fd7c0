"""Kernels are found by later processes if nothing about them has changed, and only then."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minigrade.kernel_cache import Uses
from minigrade.kernel_keys import of_numba

pytestmark = pytest.mark.slow

# As MiniTorch's, but serial, which compiles in a third of the time.
TEXT = """
SCALE = 2.0
TABLE = np.array([1.0, 3.0])

@njit
def deep(x): return x + 1.0

@njit
def helper(x, y=3.0): return deep(x) * y

def tensor_map(fn, shift):
    def _map(out, a):
        for i in range(len(out)):
            out[i] = fn(a[i]) * SCALE + shift + TABLE[1]
    return njit(_map)

def answer():
    out = np.zeros(3)
    tensor_map(njit(lambda x: helper(x) - 1.0), 0.5)(out, np.arange(3.0))
    return out.tolist()
"""
KERNELS = 4

CHANGED = {
    "the kernel": ("len(out)", "(len(out) - 1)", 1),
    "what it calls": ("helper(x) - 1.0", "helper(x) - 4.0", 2),
    "a helper": ("deep(x) * y", "deep(x) * y * 2.0", 3),
    "a helper of a helper": ("x + 1.0", "x + 2.0", 4),
    "a default": ("y=3.0", "y=4.0", 3),
    "what it captures": (", 0.5)", ", 0.75)", 1),
    "a global": ("SCALE = 2.0", "SCALE = 5.0", 1),
    "the type of a global": ("SCALE = 2.0", "SCALE = 2", 1),
    "an array": ("[1.0, 3.0]", "[1.0, 7.0]", 1),
    "an option": ("njit(_map)", "njit(_map, error_model='numpy')", 1),
    "a helper's option": ("@njit\ndef deep", "@njit(fastmath=True)\ndef deep", 4),
}


@pytest.fixture(scope="module")
def kept(run: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the kernels of `TEXT`."""
    folder = tmp_path_factory.mktemp("cache") / "kernels"
    assert run(folder, TEXT, writable=True) == [(0, KERNELS, 0)]
    assert len(list(folder.iterdir())) == KERNELS
    return folder


def state(folder: Path) -> dict[str, tuple[int, bytes]]:
    return {path.name: (path.stat().st_mtime_ns, path.read_bytes()) for path in folder.iterdir()}


def test_changes_are_compiled_and_all_else_is_found(run: Any, kept: Path) -> None:
    before = state(kept)
    moved = "# A comment.\n\n" + TEXT
    changed = [TEXT.replace(old, new) for old, new, _ in CHANGED.values()]
    assert all(text != TEXT for text in changed)
    found = run(kept, TEXT, moved, *changed, TEXT)
    # The kernel is found without looking for what it calls, which it holds.
    assert found[0] == found[1] == found[-1] == (1, 0, 0)
    misses = {what: row[1] for what, row in zip(CHANGED, found[2:-1], strict=True)}
    assert misses == {what: count for what, (_, _, count) in CHANGED.items()}
    assert state(kept) == before  # it was not writable


RAISING = """
@njit
def checked(x):
    if x > 1.0: raise ValueError("too large", x)
    return [x]

def answer():
    found = checked(0.5)
    try:
        checked(2.5)
    except ValueError as error:
        return found, error.args
"""


def test_exceptions_and_objects_of_kernels_that_were_found(run: Any, tmp_path: Path) -> None:
    assert run(tmp_path, RAISING, writable=True) == [(0, 1, 0)]
    assert run(tmp_path, RAISING, RAISING) == [(1, 0, 0), (1, 0, 0)]


CLOSURES = """
def scaled(factor):
    return lambda x: x * factor

def answer():
    return [njit(scaled(factor))(1.5) for factor in FACTORS]
"""


def test_equal_texts_with_different_closures(run: Any, tmp_path: Path) -> None:
    first = CLOSURES.replace("FACTORS", "(2.0, 3.0, 2.0)")
    assert run(tmp_path, first, writable=True) == [(1, 2, 0)]
    second = CLOSURES.replace("FACTORS", "(7.0, 3.0, 8.0, 2.0, 3.0, 2, 9.0, 2.0)")
    assert run(tmp_path, second) == [(4, 4, 0)]


# A kernel that calls itself cannot be inlined, so the linker looks it up by its name.
RECURSIVE = """
def deep(factor):
    @njit
    def down(n): return factor if n <= 0.0 else down(n - 1.0) + factor
    return njit(lambda n: down(n))

def answer():
    return [deep(factor)(5.0) for factor in FACTORS]
"""


def test_no_symbol_takes_the_place_of_another_processs(run: Any, tmp_path: Path) -> None:
    for known in ("(2.0, 3.0)", "(4.0, 5.0)"):
        assert run(tmp_path, RECURSIVE.replace("FACTORS", known), writable=True) == [(0, 4, 0)]
    mixed = "(7.0, 3.0, 5.0, 8.0, 2.0, 4.0, 9.0, 10.0)"
    assert run(tmp_path, RECURSIVE.replace("FACTORS", mixed)) == [(4, 8, 0)]


GIVEN = """
@njit
def once(fn, x): return fn(x) + 1.0

@njit
def twice(fn, x): return once(fn, once(fn, x))

def both(fn):
    @njit
    def kernel(x): return twice(fn, x)
    return kernel

def answer():
    functions = njit(lambda x: x * 2.0), njit(lambda x: x - 3.0)
    return [twice(fn, 3.0) for fn in functions] + [both(fn)(4.0) for fn in functions]
"""


def test_kernels_that_are_given_kernels(run: Any, tmp_path: Path) -> None:
    # Each function, with `once` and `twice` of it, and what captures it.
    assert run(tmp_path, GIVEN, writable=True) == [(0, 8, 0)]
    assert run(tmp_path, GIVEN, GIVEN) == [(4, 0, 0), (4, 0, 0)]
    # Of one function, `twice` and what captures it are found; all of the other is compiled.
    assert run(tmp_path, GIVEN.replace("x - 3.0", "x - 5.0")) == [(2, 4, 0)]
    # `twice` is compiled, and what calls it, and finds `once` and either function.
    assert run(tmp_path, GIVEN.replace("once(fn, x))", "once(fn, x)) - 1.0")) == [(2, 4, 0)]


PARALLEL = """
@njit
def index(i, shape, out):
    for d in range(len(shape) - 1, -1, -1):
        out[d] = i % shape[d]
        i = i // shape[d]

def tensor_map(fn):
    def _map(out, shape, a):
        for i in prange(len(out)):
            where = np.zeros(4, np.int64)
            index(i, shape, where)
            if where[0] > 90:
                raise_if(a[i])
            out[i] = fn(a[i]) + where[0]
    return njit(_map, parallel=True)

@njit
def raise_if(x):
    if x < 0: raise ValueError("negative")

def answer():
    shape = np.array([100, 10])
    out, found = np.zeros(1000), []
    for fn in (lambda x: x * 2, lambda x: -x, lambda x: x * 2):
        tensor_map(njit(fn))(out, shape, np.arange(1000.0))
        found.append(out.sum())
    return found
"""
FORKED = """
@numba.njit(parallel=True)
def warm_up(x):
    for i in numba.prange(len(x)):
        x[i] += i

warm_up(np.zeros(100))
folder, writable, texts = json.loads(sys.argv[1])
reader, writer = os.pipe()
with use(Path(folder), writable=False) as uses:
    assert answer(texts[1], numba.njit) == answer(texts[1], interpreted)  # in the parent, too
    for _ in range(2):
        child = os.fork()
        if not child:
            os.write(writer, json.dumps(run(folder, writable, texts)).encode())
            os._exit(0)
        assert os.waitpid(child, 0)[1] == 0
        found = os.read(reader, 10000).decode()
print(found)
"""


def test_parallel_kernels_run_in_other_processes_and_forks(
    run: Any, program: str, tmp_path: Path
) -> None:
    ((hits, misses, refused),) = run(tmp_path, PARALLEL, writable=True)
    assert (hits, refused) == (1, 0)
    assert misses >= 6  # two kernels, what they map, and two helpers
    assert run(tmp_path, PARALLEL) == [(3, 0, 0)]
    assert run(tmp_path, PARALLEL, PARALLEL, code=program + FORKED) == [(3, 0, 0), (3, 0, 0)]


def test_processes_that_write_at_once(run: Any, tmp_path: Path) -> None:
    other = TEXT.replace(", 0.5)", ", 0.25)")
    texts = [(TEXT, other), (other, TEXT), (TEXT, TEXT)]
    processes = [run.start(tmp_path, *pair, writable=True) for pair in texts]
    for process in processes:
        for hits, misses, refused in run.finish(process):
            assert hits + misses in (1, 2, 3, 4)
            assert refused == 0
    assert run(tmp_path, TEXT, other) == [(1, 0, 0), (1, 0, 0)]
    assert {path.suffix for path in tmp_path.iterdir()} == {".kernel"}


def test_damage_is_a_miss_and_is_mended(run: Any, kept: Path, tmp_path: Path) -> None:
    damages: list[Callable[[bytes], bytes]] = [
        lambda entry: b"",
        lambda entry: entry[:40],
        lambda entry: entry[:-1],
        lambda entry: entry[:-1] + bytes([entry[-1] ^ 1]),
    ]
    folder = tmp_path / "kernels"
    shutil.copytree(kept, folder)
    for path, damage in zip(sorted(folder.iterdir()), damages, strict=True):
        path.write_bytes(damage(path.read_bytes()))
    assert run(folder, TEXT) == [(0, KERNELS, 0)]
    assert run(folder, TEXT, writable=True) == [(0, KERNELS, 0)]
    assert run(folder, TEXT) == [(1, 0, 0)]
    for path in folder.iterdir():
        path.unlink()
        path.mkdir()
    assert run(folder, TEXT, writable=True) == [(0, KERNELS, KERNELS)]  # it cannot be kept


@pytest.fixture(scope="module")
def entry(run: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of one kernel, which takes a float64."""
    folder = tmp_path_factory.mktemp("entry")
    assert run(folder, "answer = lambda: njit(lambda x: x + 1)(0.5)", writable=True) == [(0, 1, 0)]
    (path,) = folder.iterdir()
    return path


@settings(deadline=None)
@given(st.data())
def test_no_damaged_entry_is_read(entry: Path, data: st.DataObject) -> None:
    content = bytearray(entry.read_bytes())
    position = data.draw(st.integers(0, len(content) - 1))
    if data.draw(st.booleans()):
        content[position] ^= data.draw(st.integers(1, 255))
    else:
        del content[position:]
    damaged = entry.parent / "damaged" / entry.name
    damaged.parent.mkdir(exist_ok=True)
    damaged.write_bytes(content)
    context = of_numba("core.registry").cpu_target.target_context
    asked = (entry.stem, [of_numba("core.types").float64], context)
    sys.modules.setdefault("kernels", ModuleType("kernels"))  # which entries belong to
    assert Uses(damaged.parent, False, None).read(*asked) is None
    assert Uses(entry.parent, False, None).read(*asked) is not None


def test_a_folder_that_is_not_there(run: Any, tmp_path: Path) -> None:
    assert run(tmp_path / "none", TEXT) == [(0, KERNELS, 0)]
    assert not (tmp_path / "none").exists()


def test_ends_with_its_block(run: Any, main: str, tmp_path: Path) -> None:
    code = main + (
        "numba.njit(lambda: 1)()\n"
        f"assert len(list(Path({str(tmp_path)!r}).iterdir())) == {KERNELS}\n"
    )
    assert run(tmp_path, TEXT, writable=True, code=code) == [(0, KERNELS, 0)]
