"""Functions to test operations with, in a version for numbers and one for variables.

A name that ends in ``2`` takes two arguments, one that ends in ``red`` a list (or a
tensor), all others one argument.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeAlias

from . import operators

NamedFunction: TypeAlias = tuple[str, Callable[..., Any]]


class MathTest:
    """The functions, for numbers."""

    @staticmethod
    def neg(a: Any) -> Any:
        """Negate."""
        return -a

    @staticmethod
    def addConstant(a: Any) -> Any:
        """Add a constant."""
        return 5 + a

    @staticmethod
    def subConstant(a: Any) -> Any:
        """Subtract a constant."""
        return a - 5

    @staticmethod
    def multConstant(a: Any) -> Any:
        """Multiply by a constant."""
        return 5 * a

    @staticmethod
    def div(a: Any) -> Any:
        """Divide by a constant."""
        return a / 5

    @staticmethod
    def square(a: Any) -> Any:
        """Multiply by itself."""
        return a * a

    @staticmethod
    def cube(a: Any) -> Any:
        """Multiply by itself twice."""
        return a * a * a

    @staticmethod
    def inv(a: Any) -> Any:
        """Take the reciprocal, after a shift."""
        return operators.inv(a + 3.5)

    @staticmethod
    def sig(a: Any) -> Any:
        """Apply the sigmoid."""
        return operators.sigmoid(a)

    @staticmethod
    def log(a: Any) -> Any:
        """Take the logarithm of a large number."""
        return operators.log(a + 100000)

    @staticmethod
    def relu(a: Any) -> Any:
        """Apply ReLU, after a shift."""
        return operators.relu(a + 5.5)

    @staticmethod
    def exp(a: Any) -> Any:
        """Take the exponential, of something small."""
        return operators.exp(a - 200)

    @staticmethod
    def explog(a: Any) -> Any:
        """Add a logarithm and an exponential."""
        return operators.log(a + 100000) + operators.exp(a - 200)

    @staticmethod
    def complex(a: Any) -> Any:
        """Nest several functions."""
        inner = operators.relu(operators.relu(a * 10 + 7) * 6 + 5) * 10
        return operators.log(operators.sigmoid(inner)) / 50

    @staticmethod
    def add2(a: Any, b: Any) -> Any:
        """Add."""
        return a + b

    @staticmethod
    def mul2(a: Any, b: Any) -> Any:
        """Multiply."""
        return a * b

    @staticmethod
    def div2(a: Any, b: Any) -> Any:
        """Divide, after a shift."""
        return a / (b + 5.5)

    @staticmethod
    def gt2(a: Any, b: Any) -> Any:
        """Compare by greater than, after a shift."""
        return operators.lt(b, a + 1.2)

    @staticmethod
    def lt2(a: Any, b: Any) -> Any:
        """Compare by less than, after a shift."""
        return operators.lt(a + 1.2, b)

    @staticmethod
    def eq2(a: Any, b: Any) -> Any:
        """Compare by equality, after a shift."""
        return operators.eq(a, b + 5.5)

    @staticmethod
    def sum_red(a: Iterable[Any]) -> Any:
        """Add up."""
        return operators.sum(a)

    @staticmethod
    def mean_red(a: list[Any]) -> Any:
        """Take the mean."""
        return operators.sum(a) / float(len(a))

    @staticmethod
    def mean_full_red(a: list[Any]) -> Any:
        """Take the mean of everything."""
        return operators.sum(a) / float(len(a))

    @classmethod
    def _tests(cls) -> tuple[list[NamedFunction], list[NamedFunction], list[NamedFunction]]:
        """Return the functions of one argument, of two and of a list, each by name."""
        one: list[NamedFunction] = []
        two: list[NamedFunction] = []
        red: list[NamedFunction] = []
        for name in dir(MathTest):
            if name.startswith("_"):
                continue
            group = two if name.endswith("2") else red if name.endswith("red") else one
            group.append((name, getattr(cls, name)))
        return one, two, red

    @classmethod
    def _comp_testing(
        cls,
    ) -> tuple[list[tuple[str, Callable[..., Any], Callable[..., Any]]], ...]:
        """Return name, version for numbers and version of this class, in the same groups."""
        return tuple(
            [(name, plain, fn) for (name, plain), (_, fn) in zip(plains, fns, strict=True)]
            for plains, fns in zip(MathTest._tests(), cls._tests(), strict=True)
        )


class MathTestVariable(MathTest):
    """The functions, for Scalars and Tensors. Those that are not here are the same."""

    @staticmethod
    def inv(a: Any) -> Any:
        """Take the reciprocal, after a shift."""
        return 1.0 / (a + 3.5)

    @staticmethod
    def sig(a: Any) -> Any:
        """Apply the sigmoid."""
        return a.sigmoid()

    @staticmethod
    def log(a: Any) -> Any:
        """Take the logarithm of a large number."""
        return (a + 100000).log()

    @staticmethod
    def relu(a: Any) -> Any:
        """Apply ReLU, after a shift."""
        return (a + 5.5).relu()

    @staticmethod
    def exp(a: Any) -> Any:
        """Take the exponential, of something small."""
        return (a - 200).exp()

    @staticmethod
    def explog(a: Any) -> Any:
        """Add a logarithm and an exponential."""
        return (a + 100000).log() + (a - 200).exp()

    @staticmethod
    def complex(a: Any) -> Any:
        """Nest several functions."""
        inner = ((a * 10 + 7).relu() * 6 + 5).relu() * 10
        return inner.sigmoid().log() / 50

    @staticmethod
    def gt2(a: Any, b: Any) -> Any:
        """Compare by greater than, after a shift."""
        return a + 1.2 > b

    @staticmethod
    def lt2(a: Any, b: Any) -> Any:
        """Compare by less than, after a shift."""
        return a + 1.2 < b

    @staticmethod
    def eq2(a: Any, b: Any) -> Any:
        """Compare by equality, after a shift."""
        return a == (b + 5.5)

    @staticmethod
    def sum_red(a: Any) -> Any:
        """Add up."""
        return a.sum(0)

    @staticmethod
    def mean_red(a: Any) -> Any:
        """Take the mean."""
        return a.mean(0)

    @staticmethod
    def mean_full_red(a: Any) -> Any:
        """Take the mean of everything."""
        return a.mean()
