"""A key tells kernels apart that differ, and no others."""

from __future__ import annotations

import math
import struct
import subprocess
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

import llvmlite.binding
import numba
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numba import njit

from minigrade.kernel_keys import Unkeyable, content_of, key_of, of_numba

numbers = st.integers() | st.floats() | st.booleans() | st.complex_numbers() | st.text()
constants = st.recursive(
    numbers | st.none() | st.binary(), lambda inner: st.lists(inner, max_size=3).map(tuple)
)


def exactly(value: Any) -> Any:
    """Return what is equal for values only that no kernel can tell apart."""
    if isinstance(value, tuple):
        return ("tuple", *map(exactly, value))
    if isinstance(value, float):
        return (float, struct.pack("<d", value))
    if isinstance(value, complex):
        return (complex, struct.pack("<dd", value.real, value.imag))
    return (type(value), value)


def capturing(value: Any) -> Any:
    @njit
    def kernel() -> Any:
        return value

    return kernel


def content(dispatcher: Any) -> str:
    return content_of(dispatcher)[0]


def compiled(text: str, name: str = "kernel", **names: Any) -> Any:
    """Return what a module of this text calls `name`."""
    module = ModuleType("somewhere")
    vars(module).update(njit=njit, np=np, math=math, **names)
    exec(text, vars(module))
    return vars(module)[name]


@given(constants, constants)
def test_values_are_told_apart_as_kernels_do(a: Any, b: Any) -> None:
    assert (content(capturing(a)) == content(capturing(b))) == (exactly(a) == exactly(b))


@given(constants)
def test_a_value_has_one_key(value: Any) -> None:
    assert content(capturing(value)) == content(capturing(value))


ALIKE = [(0.0, -0.0), (1, 1.0), (1, True), (0, None), ("1", 1), (b"a", "a"), ((1, 2), (1, (2,)))]


@pytest.mark.parametrize(("a", "b"), ALIKE)
def test_values_that_look_alike(a: Any, b: Any) -> None:
    assert content(capturing(a)) != content(capturing(b))


ARRAYS = [
    np.arange(6.0),
    np.arange(6.0) + 1,
    np.arange(6),
    np.arange(6.0).reshape(2, 3),
    np.arange(6.0).reshape(3, 2),
    np.asfortranarray(np.arange(6.0).reshape(3, 2)),
    np.arange(12.0)[::2],
    np.float64(1),
    np.float32(1),
    np.dtype("float64"),
    np.dtype("int64"),
    numba.float64,
    numba.float32,
    IndexError,
    ValueError,
    math.sin,
    math.cos,
    np.sin,
    np.float64,
]


def test_arrays_and_types_by_content() -> None:
    keys = [content(capturing(value)) for value in ARRAYS]
    assert len(set(keys)) == len(ARRAYS)
    assert keys == [content(capturing(value)) for value in ARRAYS]
    frozen = np.arange(6.0)
    frozen.flags.writeable = False
    assert content(capturing(frozen)) not in keys


TEXTS = {
    "its code": ("x + 1", "x - 1"),
    "a constant": ("x + 1", "x + 2"),
    "the type of a constant": ("x + 1", "x + 1.0"),
    "a default": ("y=2", "y=3"),
    "a default of a keyword": ("z=4", "z=5"),
    "a global": ("G = 1", "G = 2"),
    "a helper": ("h * 3", "h * 4"),
    "a helper's global": ("H = 1", "H = 2"),
    "a helper's option": ("njit(inline='always')", "njit"),
    "its option": ("njit(fastmath=True)", "njit(fastmath=False)"),
    "a set of options": ("{'nnan'}", "{'nnan', 'ninf'}"),
    "which function of a library": ("math.sin", "math.cos"),
    "which attribute": ("np.pi", "np.e"),
    "a nested function": ("n * 6", "n * 7"),
    "the name of a parameter": ("def kernel(x", "def kernel(w"),
}
TEXT = """
G = 1
H = 1
@njit(fastmath={'nnan'})
def deep(d): return d + H
@njit(inline='always')
def helper(h): return deep(h * 3)
@njit(fastmath=True)
def kernel(x, y=2, *, z=4):
    def nested(n): return n * 6
    return helper(x + 1) + y + z + G + math.sin(np.pi) + nested(1)
"""


@pytest.mark.parametrize("what", TEXTS)
def test_a_key_covers(what: str) -> None:
    old, new = TEXTS[what]
    assert TEXT.count(old) == 1
    assert content(compiled(TEXT)) == content(compiled(TEXT))
    assert content(compiled(TEXT)) != content(compiled(TEXT.replace(old, new)))


def test_a_place_counts_where_something_is_raised_only() -> None:
    assert content(compiled(TEXT)) == content(compiled("# more\n" + TEXT))
    raising = "@njit\ndef kernel(x):\n    if x: raise ValueError('no')\n"
    assert content(compiled(raising)) != content(compiled("# more\n" + raising))


def test_where_a_package_lies_does_not_count() -> None:
    def key(file: str) -> str:
        names: dict[str, Any] = {"njit": njit, "__name__": "package.module"}
        text = "@njit\ndef kernel(x):\n    assert x\n"
        exec(compile(text, file, "exec"), names)
        return content(names["kernel"])

    assert key("/tmp/one/package/module.py") == key("/tmp/other/package/module.py")
    assert key("/tmp/one/package/module.py") != key("/tmp/one/package/more.py")


def test_a_module_counts_by_what_is_used_of_it() -> None:
    text = "@njit\ndef kernel(x): return x + a.b.C\n"

    def key(**names: Any) -> str:
        inner = ModuleType("package.b")
        vars(inner).update(names)
        outer = ModuleType("package")
        outer.b = inner  # type: ignore[attr-defined]
        return content(compiled(text, a=outer))

    assert key(C=1) == key(C=1, D=[])
    assert key(C=1) != key(C=2)
    with pytest.raises(Unkeyable, match="list"):
        key(C=[])


def test_functions_that_call_each_other() -> None:
    text = (
        "@njit\ndef even(n): return True if n == 0 else odd(n - 1)\n"
        "@njit\ndef odd(n): return False if n == 0 else even(n - 1)\n"
    )
    keys = {content(compiled(text, name)) for name in ("even", "odd", "even")}
    assert len(keys) == 2
    assert content(compiled(text.replace("n - 1)\n@", "n - 1 )\n@"), "odd")) in keys
    assert content(compiled(text.replace("False", "True"), "even")) not in keys


def plain(x: float) -> float:
    return x


class Thing:
    def method(self) -> None: ...


UNKEYABLE: dict[str, Callable[[], Any]] = {
    "a list": lambda: [1],
    "a dict": lambda: {1: 2},
    "a list in a tuple": lambda: (1, [2]),
    "an instance": Thing,
    "a class": lambda: Thing,
    "a function that is not jitted": lambda: plain,
    "a lambda": lambda: lambda x: x,
    "a ufunc of numba's": lambda: numba.vectorize(lambda x: x),
    "a ufunc of one's own": lambda: np.frompyfunc(plain, 1, 1),
    "an array of objects": lambda: np.array([None]),
    "a record": lambda: np.zeros(2, [("a", "f8")]),
    "a module of one's own": lambda: sys.modules[__name__],
    "a cost model": lambda: njit(inline=lambda *_: True)(plain),
    "a bound method": lambda: Thing().method,
    "a method of an object of Python's": lambda: [].append,
}


@pytest.mark.parametrize("what", UNKEYABLE)
def test_refuses(what: str) -> None:
    value = UNKEYABLE[what]()
    with pytest.raises(Unkeyable):
        content_of(capturing(value))
    with pytest.raises(Unkeyable):
        content_of(compiled("@njit\ndef kernel(): return value\n", value=value))


def test_what_is_captured_before_it_is_set() -> None:
    def outer() -> Any:
        kernel = njit(lambda: late)
        with pytest.raises(Unkeyable, match="not set yet"):
            content_of(kernel)
        late = 1
        return kernel

    assert content_of(outer())


def test_a_module_of_libraries_has_a_name() -> None:
    text = "@njit\ndef kernel(x): m = math; return m.sin(x)\n"
    assert content(compiled(text))


def test_a_key_covers_types_and_processor() -> None:
    class Codegen:
        def __init__(self, cpu: str) -> None:
            self.cpu = cpu

        def magic_tuple(self) -> tuple[str, ...]:
            return (self.cpu,)

    f8, i8 = numba.float64, numba.int64
    signatures: list[Any] = [
        (f8,),
        (i8,),
        (f8, f8),
        f8(f8),
        i8(f8),
        (f8[:],),
        (f8[::1],),
        (f8[:, :],),
        (numba.types.Omitted(1),),
        (numba.types.Omitted(2),),
        (numba.types.Array(f8, 1, "C", readonly=True),),
        (numba.types.UniTuple(f8, 2),),
        (numba.types.literal(1),),
        (numba.types.literal(2),),
        (numba.types.Optional(f8),),
    ]
    keys = {key_of("content", s, Codegen(cpu))[0] for s in signatures for cpu in ("zen", "skylake")}
    assert len(keys) == 2 * len(signatures)
    assert key_of("other", (f8,), Codegen("zen"))[0] not in keys
    kernels = [capturing(i) for i in (1, 1, 2)]
    first, again, other = (
        key_of("content", (numba.types.Dispatcher(kernel), f8), Codegen("zen"))
        for kernel in kernels
    )
    assert first[0] == again[0] != other[0]
    assert len(first[1]) == 1
    for refused in (numba.types.Tuple([numba.types.pyobject]), numba.types.pyobject):
        with pytest.raises(Unkeyable, match="in the signature"):
            key_of("content", (refused,), Codegen("zen"))


def test_numbas_own_word_on_the_processor_names_it_and_its_abilities() -> None:
    codegen = of_numba("core.registry").cpu_target.target_context.codegen()
    told = [str(part) for part in codegen.magic_tuple()]
    assert llvmlite.binding.get_host_cpu_name() in told
    abilities = llvmlite.binding.get_host_cpu_features()
    some = [f"{'+' if has else '-'}{name}" for name, has in abilities.items()][:5]
    assert any(all(one in part for one in some) for part in told)


def test_numba_is_imported_when_it_is_used(run: Any) -> None:
    code = "import sys, minigrade.kernel_cache; print({'numba', 'numpy'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
