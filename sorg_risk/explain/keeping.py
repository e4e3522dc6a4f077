"""Tables kept in a folder: plain arrays with their digest, read back only when every byte is as it was written.

The name of a file is the digest of what the tables depend on (trees, background, form of the tables), so a changed model never meets old
tables. A file that is damaged, cut short or of another form is made again.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from .deep import Deep
from .tables import CAP, DEEPEST, Tables

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from numpy.typing import NDArray

FORM = f"cells-2 cap={CAP} deepest={DEEPEST}"


def digest(arrays: Iterable[NDArray[np.generic]], background: NDArray[np.float64] | None, degree: int = 0) -> str:
    """What names the tables of these trees against this background."""
    total = hashlib.sha256(f"{FORM} {degree}".encode())
    for array in [*arrays, np.empty(0) if background is None else background]:
        total.update(f"{array.dtype.str}{array.shape}".encode())
        total.update(np.ascontiguousarray(array).tobytes())
    return total.hexdigest()


def kept(folder: str | Path, key: str, make: Callable[[], Tables]) -> Tables:
    """The tables of this key: read if they are there and whole, else made and written aside."""
    path = Path(folder) / f"tables-{key[:32]}.bin"
    found = _read(path, key)
    if found is None:
        found = make()
        _write(path, key, found)
    return found


def _write(path: Path, key: str, tables: Tables) -> None:
    """Write to a file beside it, then rename: a reader sees all of it or nothing. A folder that cannot be written is passed over."""
    arrays = _arrays(tables)
    body = io.BytesIO()
    for array in arrays.values():
        np.lib.format.write_array(body, array, allow_pickle=False)
    head = {"form": FORM, "key": key, "sha256": hashlib.sha256(body.getbuffer()).hexdigest(), "arrays": list(arrays)}
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, aside = tempfile.mkstemp(prefix=path.name, dir=path.parent)
        with os.fdopen(handle, "wb") as file:
            file.write(json.dumps(head).encode() + b"\n")
            file.write(body.getbuffer())
        Path(aside).replace(path)
    except OSError:
        return


def _read(path: Path, key: str) -> Tables | None:
    try:
        raw = path.read_bytes()
        line, body = raw[: raw.index(b"\n")], memoryview(raw)[raw.index(b"\n") + 1 :]
        head = json.loads(line)
        if (head["form"], head["key"]) != (FORM, key) or hashlib.sha256(body).hexdigest() != head["sha256"]:
            return None
    except (OSError, ValueError, KeyError, TypeError):
        return None
    file = io.BytesIO(body)
    arrays = {name: np.lib.format.read_array(file, allow_pickle=False) for name in head["arrays"]}
    rows = int(arrays.pop("rows")[0])
    own = {name: arrays.pop(name) for name in list(arrays) if name in Tables._fields}
    deep = Deep(**{name.removeprefix("deep_"): array for name, array in arrays.items()}, rows=rows)
    return Tables(**own, deep=deep)


def _arrays(tables: Tables) -> dict[str, NDArray[np.generic]]:
    deep = tables.deep._asdict()
    rows = deep.pop("rows")
    own = {name: array for name, array in tables._asdict().items() if name != "deep"}
    return {**own, **{f"deep_{name}": array for name, array in deep.items()}, "rows": np.array([rows])}
