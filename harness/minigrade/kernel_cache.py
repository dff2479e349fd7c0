"""Keep compiled numba kernels from one process to the next.

numba's own cache looks a kernel up by the file and line of its text, and by a hash of what
it captures, which differs from process to process if that is another kernel. MiniTorch's
kernels are all of that sort: ``tensor_map(njit(fn))``. Here a kernel is looked up by all
that it is made of (see `minigrade.kernel_keys`)::

    with use(folder, writable=True) as uses:
        ...  # kernels compiled in here are kept; those kept before are not compiled
    print(uses.hits, uses.misses, uses.refused)

Whatever cannot be keyed or kept is compiled as usual, and so is what is damaged in the
folder.

**Entries are pickles: who can write them can run code in whoever reads them.** A folder
belongs to one submission, whose workers are the only ones to use it; the grader never
does, and neither do workers of another submission. Code from the folder proves nothing
about the submission: it has no diagnostics of parallel loops, and whoever wrote the folder
could have put other code there.
"""

from __future__ import annotations

import contextlib
import copy
import hashlib
import itertools
import os
import pickle
import secrets
import tempfile
import weakref
from collections.abc import Callable, Sequence
from functools import cache, wraps
from pathlib import Path
from types import TracebackType
from typing import Any

from minigrade.kernel_keys import Unkeyable, content_of, is_library, key_of, of_numba

_DIGEST_BYTES = hashlib.sha256().digest_size
_current: Uses | None = None
_under_way: list[_Slot] = []  # what compiles now, what asked for it first
# What each dispatcher consisted of when its first kernel was compiled or found.
_contents: weakref.WeakKeyDictionary[Any, str] = weakref.WeakKeyDictionary()
_environments: list[Any] = []  # which machine code that was found points to


def use(folder: Path, *, writable: bool) -> Uses:
    """Look kernels up in a folder from now on, in this process and those forked from it.

    It takes effect for all kernels of `numba.njit` when they are compiled, wherever they
    were made. Kernels that others have compiled before are left alone, and so are those
    that call them.

    Args:
        folder: where kernels are; made when the first one is kept.
        writable: keep kernels that are not there.

    Returns:
        What counts the uses. It ends when the block ends whose context manager it is, or
        with `Uses.close`; else with the process.

    With a numba that numbers its functions in another way, nothing is looked up or kept.
    """
    global _current  # noqa: PLW0603  # numba has one compiler in a process, too
    uses = Uses(folder, writable, _current)
    if fresh_names():
        _hook()
        _current = uses
    return uses


def fresh_names() -> bool:
    """Let no kernel that is compiled from now on share a symbol with another process's.

    numba numbers functions as it compiles them, and puts the number into the names of
    symbols. Two kernels of one name, of which one was compiled by another process, would
    take each other's place in the linker. A process that compiles before it forks others
    that will `use` a cache calls this first.

    Returns:
        Whether this could be done.
    """
    numbered = of_numba("core.bytecode").FunctionIdentity
    if not isinstance(getattr(numbered, "_unique_ids", None), itertools.count):
        return False
    numbered._unique_ids = itertools.count(secrets.randbits(56))
    return True


class Uses:
    """A folder of kernels in use. A context manager, which ends it.

    Attributes:
        hits: how many kernels were found and not compiled.
        misses: how many were not found, and compiled.
        refused: how many were compiled, and not looked up or not kept, as that would not
            have been sound.
    """

    def __init__(self, folder: Path, writable: bool, before: Uses | None) -> None:
        self.hits = self.misses = self.refused = 0
        self._folder = folder
        self._writable = writable
        self._before = before

    def __enter__(self) -> Uses:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Compile as usual again, or look up where that was done before."""
        global _current  # noqa: PLW0603
        if _current is self:
            _current = self._before

    def read(self, key: str, arguments: Sequence[Any], target_context: Any) -> Any:
        """Return the kernel kept under a key, or None if there is none, or not a whole one.

        Args:
            key: what it is made of.
            arguments: numba's types of its arguments.
            target_context: numba's.
        """
        target_context.refresh()  # without numba's own symbols LLVM would abort the process
        try:
            entry = self._path(key).read_bytes()
            digest, pickled = entry[:_DIGEST_BYTES], entry[_DIGEST_BYTES:]
            if hashlib.sha256(pickled).digest() != digest:
                return None
            rebuild = of_numba("core.compiler").CompileResult._rebuild
            parts = _with_dispatchers(pickle.loads(pickled), arguments)  # noqa: S301  # see above
            kernel = rebuild(target_context, *parts)
        except Exception:  # whatever is wrong with it, compiling helps
            return None
        _environments.append((kernel.environment, kernel.referenced_envs))
        return kernel

    def write(self, key: str, kernel: Any) -> bool:
        """Keep a kernel under a key; return whether that could be done."""
        if not self._writable:
            return True
        # Lifted loops are dispatchers of their own, and what is called through a pointer
        # lies elsewhere in the next process.
        if kernel.objectmode or kernel.lifted or kernel.library.has_dynamic_globals:
            return False
        try:
            pickled = of_numba("core.serialize").dumps(_without_dispatchers(kernel._reduce()))
            self._replace(self._path(key), hashlib.sha256(pickled).digest() + pickled)
        except Exception:  # the kernel works; only the next process loses
            return False
        return True

    def _path(self, key: str) -> Path:
        return self._folder / f"{key}.kernel"

    def _replace(self, path: Path, content: bytes) -> None:
        """Write a file that others see whole or not at all."""
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".tmp")
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
            # Readers may have other uids; the folder keeps others out. In a worker no mode
            # can be changed, and the grader's copies get this one.
            with contextlib.suppress(PermissionError):
                Path(name).chmod(0o644)
            os.replace(name, path)  # noqa: PTH105
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise


def _without_dispatchers(parts: Sequence[Any]) -> list[Any]:
    """Return the parts of a kernel without the dispatchers that it takes as arguments.

    They are known by objects that the next process does not have.
    """
    types = of_numba("core.types")

    def plain(arguments: Sequence[Any]) -> list[Any]:
        return [types.none if isinstance(t, types.Dispatcher) else t for t in arguments]

    return _with_arguments(parts, plain)


def _with_dispatchers(parts: Sequence[Any], found: Sequence[Any]) -> list[Any]:
    """Return the parts of a kernel with the dispatchers of this process in their places."""
    dispatcher = of_numba("core.types").Dispatcher

    def full(arguments: Sequence[Any]) -> list[Any]:
        pairs = zip(arguments, found, strict=True)
        return [own if isinstance(own, dispatcher) else kept for kept, own in pairs]

    return _with_arguments(parts, full)


def _with_arguments(parts: Sequence[Any], change: Callable[[Sequence[Any]], Any]) -> list[Any]:
    """Return the parts of a kernel with the types of its arguments changed, where they stand."""
    changed = list(parts)
    descriptor, signature = copy.copy(changed[1]), changed[3]
    descriptor.argtypes = tuple(change(descriptor.argtypes))
    changed[1] = descriptor
    changed[3] = signature.replace(args=tuple(change(signature.args)))
    return changed


class _Slot:
    """What numba takes for the cache of one dispatcher while it compiles one kernel."""

    def __init__(self, uses: Uses, dispatcher: Any) -> None:
        self._uses = uses
        self._dispatcher = dispatcher
        self._parts: list[Any] = []
        self._key = ""
        self._is_sound = True

    def note(self, other: Any) -> None:
        """Learn that another dispatcher is asked for a kernel while this one compiles.

        If it is none of those that were looked at, a submission has registered an overload,
        which no key covers.
        """
        if self._key and not any(part is other for part in self._parts):
            self._is_sound = False
            _contents.pop(self._dispatcher, None)  # and whatever depends on it is not, either

    def load_overload(self, signature: Any, target_context: Any) -> Any:
        """Return the kernel for a signature, or None if it must be compiled."""
        try:
            self._key = self._find_key(signature, target_context.codegen())
        except Exception:  # objects of a submission can raise anything when they are looked at
            self._uses.refused += 1
            return None
        arguments, _ = of_numba("core.sigutils").normalize_signature(signature)
        kernel = self._uses.read(self._key, arguments, target_context)
        if kernel is None:
            self._uses.misses += 1
        else:
            self._uses.hits += 1
        return kernel

    def _find_key(self, signature: Any, codegen: Any) -> str:
        content, self._parts = content_of(self._dispatcher)
        if not self._dispatcher.overloads:
            _contents[self._dispatcher] = content
        key, given = key_of(content, signature, codegen)
        self._parts += given
        for part in self._parts:
            # What was compiled before stays as it was, even if it would be compiled
            # otherwise now: a global that it reads may have changed.
            if part.overloads and _contents.get(part) != content_of(part)[0]:
                raise Unkeyable(f"{part}: compiled before, perhaps from something else")
        return key

    def save_overload(self, signature: Any, kernel: Any) -> None:  # noqa: ARG002  # numba's
        """Keep the kernel that was compiled after `load_overload` had found none."""
        if self._key and not (self._is_sound and self._uses.write(self._key, kernel)):
            self._uses.refused += 1


@cache
def _hook() -> None:
    """Let numba's dispatchers ask the current folder before they compile."""
    lock = of_numba("core.compiler_lock").global_compiler_lock
    dispatchers = of_numba("core.registry").CPUDispatcher
    usual = dispatchers.compile

    @wraps(usual)
    def compile_or_find(dispatcher: Any, signature: Any) -> Any:
        uses = _current
        if uses is None or is_library(dispatcher.py_func.__module__ or ""):
            return usual(dispatcher, signature)
        with lock:
            slot, before = _Slot(uses, dispatcher), dispatcher._cache
            for outer in _under_way:
                outer.note(dispatcher)
            _under_way.append(slot)
            dispatcher._cache = slot
            try:
                return usual(dispatcher, signature)
            finally:
                dispatcher._cache = before
                _under_way.pop()

    dispatchers.compile = compile_or_find
    os.register_at_fork(after_in_child=lambda: _current and fresh_names())
