"""Numbers, tables and plain data as text that reads back to the same bits, and the digest of it.

The same data gives the same bytes, and nothing that is not a finite number where one is due gets in.
"""

from __future__ import annotations

import hashlib
import json
import math
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def table(M: NDArray[np.float64]) -> bytes:
    """A matrix as text: one row a line, the shortest digits that read back to the same number, nothing for a missing one."""
    lines = [",".join("" if math.isnan(v) else repr(v).removesuffix(".0") for v in row) for row in M.tolist()]
    return "".join(f"{line}\n" for line in lines).encode("ascii")


def read_table(content: bytes, columns: int) -> NDArray[np.float64]:
    """The matrix that `table` wrote; a line of another length is a ValueError."""
    lines = content.decode("ascii").split("\n")[:-1]
    rows = [[math.nan if word == "" else float(word) for word in line.split(",")] for line in lines]
    if any(len(row) != columns for row in rows):
        raise ValueError(f"the background does not have {columns} columns")
    return np.asarray(rows, dtype=np.float64).reshape(len(rows), columns)


def read_json(content: bytes) -> Any:
    """Plain data; NaN and Infinity, which JSON does not know, and a name that occurs twice are a ValueError."""

    def refuse(word: str) -> None:
        raise ValueError(f"{word} is no number of JSON")

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            raise ValueError("a name occurs twice")
        return found

    return json.loads(content.decode("utf-8"), parse_constant=refuse, object_pairs_hook=once)


def number(text: str) -> float:
    """A finite number from its hexadecimal text.

    >>> number((0.1).hex())
    0.1
    """
    value = float.fromhex(text)
    if not math.isfinite(value):
        raise ValueError("a number without bounds")
    return value


def floats(rows: list[list[str]]) -> NDArray[np.float64]:
    """A matrix from hexadecimal texts; missing values are allowed."""
    return np.array([[float.fromhex(v) for v in row] for row in rows], dtype=np.float64)


def json_bytes(data: dict[str, Any]) -> bytes:
    """Plain data in one canonical form: keys sorted, one entry a line."""
    return (json.dumps(data, ensure_ascii=False, sort_keys=True, indent=1, allow_nan=False) + "\n").encode("utf-8")


def sha256(data: bytes) -> str:
    """The digest in hexadecimal."""
    return hashlib.sha256(data).hexdigest()
