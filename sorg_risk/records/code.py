"""The program itself as digests: a decision names the code that made it, and workers must run the very same."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Final

PACKAGE: Final = Path(__file__).resolve().parent.parent
_SOURCES: Final = (".py", ".html", ".css", ".toml", ".json")
_NUMERIC: Final = ("numpy", "numba", "pandas", "pyarrow", "lightgbm")


def tree_digest(folder: Path, without: tuple[str, ...] = ()) -> str:
    """The SHA-256 of every source file below a folder, by relative name."""
    total = hashlib.sha256()
    for path in sorted(p for p in folder.rglob("*") if p.suffix in _SOURCES):
        name = path.relative_to(folder)
        if name.parts[0] not in without and name.parts[0] != "models":
            total.update(f"{name.as_posix()}:{hashlib.sha256(path.read_bytes()).hexdigest()};".encode())
    return total.hexdigest()


@lru_cache(maxsize=1)
def program() -> str:
    """What makes the same bytes of the same input: the code, and the libraries that do its arithmetic."""
    return " ".join([tree_digest(PACKAGE)[:12], *(f"{name} {version(name)}" for name in _NUMERIC)])
