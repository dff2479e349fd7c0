"""Strategies of small kernels, as text: right ones, and with mistakes planted."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import strategies as st

Draw = Any

PRELUDE = Path(__file__).with_name("drawn_prelude.py").read_text()


def prelude(tpb: int) -> str:
    """Return the text before a kernel for blocks of `tpb` threads."""
    return PRELUDE.replace("TPB = 8", f"TPB = {tpb}") + "\n\n"


@dataclass(frozen=True)
class Drawn:
    """A kernel's text and one launch of it.

    Attributes:
        steady: no condition and no index depends on a float, so that even under
            races each thread makes the same accesses.
        lanes: how many threads `minigrade.simt` runs together.
    """

    text: str
    grid: tuple[int, ...]
    block: tuple[int, ...]
    n: int
    dtype: str
    seed: int
    steady: bool
    lanes: int

    def arguments(self) -> list[Any]:
        """Return fresh arguments: out, sums, tally, a, b, keys, n."""
        rng = np.random.default_rng(self.seed)
        size = self.n
        if self.dtype == "float64":
            floats = rng.standard_normal((2, size))
        else:  # exact in float32 too, whatever types a sum goes through
            floats = rng.integers(-6, 7, (2, size)) / 2
        a, b = floats.astype(self.dtype)
        keys = rng.integers(0, 6, size)
        sums = np.zeros(int(np.prod(self.grid)), self.dtype)
        return [np.zeros(size, self.dtype), sums, np.zeros(6, np.int64), a, b, keys, size]


class Writer:
    """Write the text of a kernel, one random piece after another."""

    def __init__(self, draw: Draw, dtype: str) -> None:
        self._draw, self._dtype = draw, dtype
        self.steady = True
        self._tiles = 0
        self._update = self.one_of("add", "max", "min")  # two kinds would depend on the order

    def one_of(self, *choices: Any) -> Any:
        return self._draw(st.sampled_from(choices))

    def chance(self, percent: int) -> bool:
        return bool(self._draw(st.integers(0, 99)) < percent)

    def zero(self) -> str:
        return f"{self._dtype}(0.0)"

    def number(self, where: str, *names: str, depth: int = 2) -> str:
        """Return an expression of floats; `where` is an index within the arrays."""
        leaves = [f"a[{where}]", f"b[{where}]", f"{self._dtype}(1.5)", *names]
        if depth == 0 or self.chance(35):
            return str(self.one_of(*leaves))
        left = self.number(where, *names, depth=depth - 1)
        right = self.number(where, *names, depth=depth - 1)
        form = self.one_of("sum", "sum", "product", "extreme", "device", "choice", "negation")
        if form == "choice":
            return f"({left} if {self.condition(where, *names)} else {right})"
        return {
            "sum": f"({left} {self.one_of('+', '-')} {right})",
            "product": f"{left} * {right}",
            "extreme": f"{self.one_of('min', 'max')}({left}, {right})",
            "device": f"pick({left}, {right})",
            "negation": f"-{left}",
        }[str(form)]

    def condition(self, where: str, *names: str) -> str:
        """Return a condition, on floats or on whole numbers."""
        if self.chance(50):
            k, m = self._draw(st.integers(0, 3)), self._draw(st.integers(2, 4))
            return str(self.one_of(f"i % {m} == 0", f"keys[{where}] > {k}", f"{k} <= t < {k + m}"))
        self.steady = False
        left = f"{self.one_of('a', 'b')}[{where}]"  # never a constant, which is folded
        right = self.number(where, *names, depth=0)
        first = f"{left} {self.one_of('<', '>=', '!=')} {right}"
        if self.chance(40):
            return f"{first} {self.one_of('and', 'or')} {self.condition(where)}"
        return f"not {first}" if self.chance(15) else first

    def where(self) -> str:
        """Return an index of the arrays for a thread whose `i` is below `n`."""
        return str(self.one_of("i", "i", "n - 1 - i", "(i + 1) % n", "i // 2"))

    def barrier(self, *, planted: int = 12) -> list[str]:
        return [] if self.chance(planted) else ["cuda.syncthreads()"]

    def elementwise(self) -> list[str]:
        value = self.number(self.where())
        lines = [f"x = {value}"]
        if self.chance(50):
            lines += [f"if {self.condition('i', 'x')}:", f"    x = {self.number('i', 'x')}"]
            if self.chance(50):
                lines += [f"elif {self.condition('i')}:", f"    x += {self.number('i')}"]
            if self.chance(50):
                lines += ["else:", f"    x -= {self.number('i')}"]
        lines.append(self.one_of("out[i] = x", "out[i] = x", "out[i] += x", "out[n - 1 - i] = x"))
        return self.guarded(lines)

    def guarded(self, lines: list[str]) -> list[str]:
        """Let threads within the array run `lines`; rarely one too many."""
        test = "i <= n" if self.chance(4) else "i < n"
        return [f"if {test}:", *("    " + line for line in lines)]

    def strided(self) -> list[str]:
        lines = [f"for j in range(i, n, {'TPB' if self.chance(8) else 'cuda.gridsize(1)'}):"]
        if self.chance(40):
            lines += [
                f"    if {self.condition('j')}:",
                f"        {self.one_of('continue', 'break')}",
            ]
        return [*lines, f"    out[j] = {self.number('j')}"]

    def loop(self) -> list[str]:
        lines = [f"acc = {self.zero()}"]
        if self.chance(60):
            head = self.one_of("range(n)", "range(i, n)", "range(n - 1, -1, -1)", "range(keys[i])")
            safe = "j % n"
            lines.append(f"for j in {head}:")
        else:
            safe = "j % n"
            lines += ["j = i", f"while j < n + {self._draw(st.integers(0, 3))}:", "    j += 1"]
        if self.chance(40):
            word = self.one_of("continue", "break")
            lines += [f"    if {self.condition(safe, 'acc')}:", f"        {word}"]
        lines.append(f"    acc += {self.number(safe, depth=1)}")
        if self.chance(25):
            lines += ["else:", f"    acc -= {self.number('i', depth=0)}"]
        return self.guarded([*lines, "out[i] = acc"])

    def tile(self) -> list[str]:
        self._tiles += 1
        s = f"s{self._tiles}"
        d = self._draw(st.integers(0, 3))
        fill = f"{self.number('i', depth=1)} if i < n else {self.zero()}"
        lines = [f"{s} = cuda.shared.array(TPB, {self._dtype})"]
        if self.chance(8):
            lines += self.guarded([f"{s}[t] = a[i]"])
        else:
            lines.append(f"{s}[t] = {fill}")
        lines += self.barrier()
        read = self.one_of(f"{s}[(t + {d}) % TPB]", f"{s}[TPB - 1 - t]", f"{s}[t - 1]")
        if read.endswith("[t - 1]"):
            read = f"({read} if t > 0 else {self.zero()})"
        lines += [f"y = {read}"]
        if self.chance(40):
            lines += [*self.barrier(), f"{s}[t] += y", *self.barrier(), f"y = {s}[TPB - 1 - t]"]
        return lines + self.guarded([f"out[i] = {self.number('i', 'y', depth=1)}"])

    def reduction(self) -> list[str]:
        self._tiles += 1
        s = f"s{self._tiles}"
        step = self.one_of(f"{s}[t] += {s}[t + gap]", f"{s}[t] = max({s}[t], {s}[t + gap])")
        end = [f"sums[cuda.blockIdx.x] = {s}[0]"]
        return [
            f"{s} = cuda.shared.array((TPB,), {self._dtype})",
            f"{s}[t] = a[i] if i < n else {self.zero()}",
            *self.barrier(planted=6),
            "gap = 1",
            "while gap < TPB:",
            "    if t % (2 * gap) == 0 and t + gap < TPB:",
            f"        {step}",
            *("    " + line for line in self.barrier(planted=6)),
            "    gap *= 2",
            *(end if self.chance(8) else ["if t == 0:", *("    " + line for line in end)]),
        ]

    def returned(self) -> list[str]:
        """Write calls of device functions that return tuples, from several places."""
        where = self.where()
        number, lines = self.number(where), []
        if self.chance(60):
            lines += [f"low, high = order({number}, {self.number('i')})"]
        else:
            low = self.number(where, depth=0)
            lines += [f"low, high = above({self.one_of('a', 'b', 'a')}, n, {low})"]
            self.steady = False
        if self.chance(40):
            lines += [f"if {self.condition('i')}:", f"    high, low = order(low, {number})"]
        if self.chance(40):
            lines += [f"some, last = total({self.span('a')}, {self.span('keys')})",
                      "high += some - last"]  # fmt: skip
        self.steady = False
        return self.guarded([*lines, f"out[i] = {self.one_of('low - high', 'high', 'low + high')}"])

    def span(self, array: str) -> str:
        """Return a slice of an array, or all of it."""
        return str(self.one_of(array, f"{array}[1:]", f"{array}[:i + 1]", f"{array}[i:n]",
                               f"{array}[-2:]"))  # fmt: skip

    def through(self) -> list[str]:
        """Write a loop over arrays, tuples, `zip` or `enumerate`."""
        head, value = self.one_of(
            (f"x in {self.span('a')}", "x"),
            (f"x, y in zip({self.span('a')}, {self.span('b')})", "x * y"),
            (f"j, x in enumerate({self.span('b')})", "x - j"),
            (f"j, x in enumerate({self.span('keys')}, t)", "j * x"),
            ("x, h in zip(a, (1, 2, 4))", "h * x"),
            ("j, (x, y) in enumerate(zip(b, keys))", "x + j * y"),
            ("h in (i, n, 3)", "h"),
        )
        lines = [f"acc = {self.zero()}", f"for {head}:"]
        if self.chance(40):
            word = self.one_of("continue", "break")
            lines += [f"    if {self.condition('i', 'acc')}:", f"        {word}"]
        lines.append(f"    acc += {value}")
        if self.chance(25):
            lines += ["else:", f"    acc -= {self.number('i', depth=0)}"]
        return self.guarded([*lines, "out[i] = acc"])

    def atomic(self) -> list[str]:
        return self.guarded(
            [f"cuda.atomic.{self._update}(tally, keys[i], {self.one_of('i', 'keys[i]')})"]
        )

    def private(self) -> list[str]:
        self._tiles += 1
        mine = f"mine{self._tiles}"
        return self.guarded(
            [
                f"{mine} = cuda.local.array(3, {self._dtype})",
                f"for k in range({2 if self.chance(10) else 3}):",
                f"    {mine}[k] = {self.number('(i + k) % n', depth=1)}",
                f"out[i] = {mine}[2] - {mine}[keys[i] % 3]",
            ]
        )

    def mistake(self) -> list[str]:
        self._tiles += 1
        s = f"s{self._tiles}"
        return list(
            self.one_of(
                self.guarded(["sums[0] += a[i]"]),
                # All read, and one writes: another block's threads may read before or after.
                self.guarded(["z = sums[0]", "if i == n - 1:", "    sums[0] = z + a[i]"]),
                [  # Each reads its neighbour's element, which the neighbour then overwrites.
                    f"{s} = cuda.shared.array(TPB, {self._dtype})",
                    f"{s}[t] = {self.zero()}",
                    "cuda.syncthreads()",
                    f"y = {s}[TPB - 1 - t]",
                    f"{s}[t] = y + {self._dtype}(t)",
                    "cuda.syncthreads()",
                    *self.guarded([f"out[i] = {s}[t]"]),
                ],
                self.guarded(["out[keys[i] % n] = 1", "out[keys[i] % n] = i % 2"]),
                self.guarded(["out[i] = a[i - 1]"]),
                self.guarded(["out[i] = a[i + 1]"]),
                self.guarded(["sums[0] = a[0]"]),
                self.guarded(["out[keys[i] % n] = b[i]"]),
                ["if t < 1:", "    cuda.syncthreads()"],
                ["if i >= n:", "    return", "cuda.syncthreads()"],
            )
        )


PIECES = ("elementwise", "strided", "loop", "tile", "reduction", "atomic", "private", "returned",
          "through")  # fmt: skip


@st.composite
def kernels(draw: Draw) -> Drawn:
    """Draw a kernel of one to three pieces, with barriers between them, and a launch."""
    dtype = draw(st.sampled_from(["float64", "float32"]))
    tpb, grid = draw(st.sampled_from([1, 2, 3, 4, 5, 8, 33])), draw(st.integers(1, 3))
    n = draw(st.integers(1, tpb * grid))
    writer = Writer(draw, dtype)
    lines = ["i = cuda.grid(1)", "t = cuda.threadIdx.x"]
    for _ in range(draw(st.integers(1, 3))):
        mistaken = writer.chance(12)
        lines += writer.mistake() if mistaken else getattr(writer, writer.one_of(*PIECES))()
        if writer.chance(50):
            lines.append("cuda.syncthreads()")
    head = prelude(tpb) + "def kernel(out, sums, tally, a, b, keys, n):\n"
    text = head + "".join(f"    {line}\n" for line in lines)
    seed, lanes = draw(st.integers(0, 99)), draw(st.sampled_from([1, 10, 4096]))
    return Drawn(text, (grid,), (tpb,), n, dtype, seed, writer.steady, lanes)
