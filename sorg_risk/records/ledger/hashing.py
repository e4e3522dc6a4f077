"""A 64-bit hash of words, the same on every machine and in every version: it decides where on disk a row lies.

FNV-1a over the UTF-8 bytes, finished by the mixer of MurmurHash3 so that its high bits are as good as its low ones. It
finds candidates quickly; whoever must be certain compares the words themselves.

>>> hashes(pa.array(["51440300000000001M", None])).tolist()
[2432900085282441133, 0]
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

Hashes = NDArray[np.uint64]
F = TypeVar("F", bound=Callable[..., Any])

_BASIS = np.uint64(0xCBF29CE484222325)
_PRIME = np.uint64(0x100000001B3)
_FIRST = np.uint64(0xFF51AFD7ED558CCD)
_SECOND = np.uint64(0xC4CEB9FE1A85EC53)
_SHIFT = np.uint64(33)


def _compiled(function: F) -> F:
    return cast(F, numba.njit(cache=True, nogil=True)(function))


@_compiled
def _hashes(offsets: NDArray[np.int64], letters: NDArray[np.uint8]) -> Hashes:
    found = np.empty(offsets.size - 1, np.uint64)
    for i in range(found.size):
        state = _BASIS
        for at in range(offsets[i], offsets[i + 1]):
            state = (state ^ np.uint64(letters[at])) * _PRIME
        state = (state ^ (state >> _SHIFT)) * _FIRST
        state = (state ^ (state >> _SHIFT)) * _SECOND
        found[i] = state ^ (state >> _SHIFT)
    return found


def hashes(words: pa.Array) -> Hashes:
    """Hash of each word; 0 where there is none."""
    if not len(words):
        return np.zeros(0, np.uint64)
    text = words.cast(pa.large_string())
    _, offsets, letters = text.buffers()
    bounds = np.frombuffer(offsets, np.int64)[text.offset : text.offset + len(text) + 1]
    used = np.frombuffer(letters or b"", np.uint8)[bounds[0] : bounds[-1]]
    found = _hashes(bounds - bounds[0], used.copy())
    if words.null_count:
        found[np.asarray(words.is_null())] = 0
    return found


def mixed(state: Hashes, values: NDArray[Any]) -> Hashes:
    """A hash of rows so far, and one more column of it."""
    bits = values if values.dtype == np.uint64 else values.astype(np.int64).view(np.uint64)
    following = (state ^ bits) * _FIRST
    return np.asarray((following ^ (following >> _SHIFT)) * _SECOND)
