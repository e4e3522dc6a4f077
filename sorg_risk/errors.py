"""Every error of the product: one root, a few children, each built by a factory.

A factory names the thing, the value that was found, and the cure. Where a name is unknown it suggests the nearest one:

>>> str(NotFound.name("feature", "complaint_90d", ["complaints_90d", "filings_late"]))
"unknown feature 'complaint_90d'. Did you mean 'complaints_90d'?"
>>> str(NotFound.name("generation", "7", ["1", "2"])), str(NotFound.name("generation", "7", []))
("unknown generation '7'. Known: 1, 2.", "unknown generation '7'.")
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import get_close_matches
from os import PathLike, fsencode
from socket import gethostname
from typing import Any, Final, Self

_PART: Final = "(?:[^\x00-\x7f]|(?<=[\udc80-\udcff])[@-~])*"
_UNDECODED: Final = re.compile(f"{_PART}[\udc80-\udcff]{_PART}")
"""Signs of a file name among which are bytes that are no UTF-8, as Python keeps them. Some of its other bytes may happen to be
UTF-8, and the second byte of a sign in GBK may be ASCII."""


def readable_path(path: str | PathLike[str]) -> str:
    r"""A path or a text with paths in it, as text that can be written anywhere; GBK names are read as GB18030.

    Archives made on a Chinese Windows hold names in GBK, which unzip passes on byte for byte.

    >>> import os
    >>> readable_path(os.fsdecode("年报.csv".encode("gbk"))), readable_path(os.fsdecode(b"a\xff.csv"))
    ('年报.csv', 'a\\xff.csv')
    """
    return _UNDECODED.sub(_decode, str(path))


def _decode(match: re.Match[str]) -> str:
    raw = fsencode(match.group())
    try:
        return raw.decode("gb18030")
    except UnicodeDecodeError:
        return raw.decode("utf-8", "backslashreplace")


class SorgRiskError(Exception):
    """The root: catch it to catch everything the product raises on purpose."""

    exit_code = 1

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*(readable_path(one) if isinstance(one, str) else one for one in arguments))


class UsageError(SorgRiskError):
    """A wrong argument, option or setting (exit code 2)."""

    exit_code = 2

    @classmethod
    def choice(cls, what: str, value: object, allowed: Iterable[str]) -> Self:
        """One of a few words was expected."""
        allowed = list(allowed)
        return cls(f"{what} {value!r} is not one of {', '.join(allowed)}.{_hint(str(value), allowed)}")

    @classmethod
    def outside(cls, what: str, value: float, least: float, most: float) -> Self:
        """A number beyond its bounds."""
        return cls(f"{what} is {value:,}; give a number from {least:,} to {most:,}.")

    @classmethod
    def undecodable(cls, what: str, path: str | PathLike[str]) -> Self:
        """A folder whose path cannot be written as text, where files must be kept by their path."""
        return cls(f"{what} {readable_path(path)} has a name that is no UTF-8. Rename the folder.")

    @classmethod
    def lacking(cls, what: str, lacks: str, cure: str) -> Self:
        """A choice that needs something which is not installed."""
        return cls(f"{what} needs {lacks}, which is not to be had here. {cure}")

    @classmethod
    def unseen(cls, what: str, where: object) -> Self:
        """A folder that this machine, a worker, does not see."""
        return cls(
            f"{what} {where} is not to be seen on worker {gethostname()}. Keep it on a file system that all workers mount at "
            "the same path, readable by them; or use --engine local."
        )


class NotFound(UsageError, LookupError):  # noqa: N818 - reads as what it says
    """A name that does not exist."""

    @classmethod
    def name(cls, what: str, value: str, known: Iterable[str]) -> Self:
        """An unknown name, with the near one."""
        known = list(known)
        return cls(f"unknown {what} {value!r}.{_hint(value, known) or _listing(known)}")


class DataError(SorgRiskError):
    """Input that is missing or cannot be read at all (exit code 4); single rows are quarantined instead."""

    exit_code = 4

    @classmethod
    def missing(cls, what: str, where: object, cure: str) -> Self:
        """A table, file or folder that must be there is not."""
        return cls(f"{what} not found in {where}. {cure}")

    @classmethod
    def unreadable(cls, where: object, why: object, cure: str) -> Self:
        """A file that is there and cannot be read."""
        return cls(f"{where} cannot be read: {why}. {cure}")

    @classmethod
    def unwritable(cls, where: object, why: object, cure: str) -> Self:
        """A database that does not take what is written to it."""
        return cls(f"{where} cannot be written: {why}. {cure}")


class MappingError(UsageError):
    """A mapping file with an unknown verb, table, column or function."""


class LawError(SorgRiskError):
    """A rulebook that contradicts itself: gap, overlap, missing citation, undeclared conflict."""


class CatalogueError(SorgRiskError):
    """A feature declaration that clashes, names an unknown column, or lacks its sentence."""


class ModelError(UsageError, ValueError):
    """A model that is not fitted, does not fit the data, or whose bundle is damaged."""


class GateRefused(SorgRiskError):  # noqa: N818
    """A check before publishing said no; the previous run still stands (exit code 3)."""

    exit_code = 3


class EngineError(SorgRiskError):
    """Workers that did not carry what they were given (exit code 1)."""

    @classmethod
    def failed(cls, why: str) -> Self:
        """What the engine said, in one line."""
        return cls(
            f"the engine failed: {why} The previous run still stands; run again (finished stages are kept), or "
            "use --engine local."
        )


class LockHeld(SorgRiskError):  # noqa: N818
    """Another run is writing (exit code 75, try again later)."""

    exit_code = 75


class StorageError(SorgRiskError):
    """The output folder cannot be written: full, read-only, or without rights (exit code 1)."""

    @classmethod
    def failed(cls, where: object, problem: OSError) -> Self:
        """A write, sync or rename that the system refused."""
        what = problem.filename or "a file"
        return cls(
            f"{where} cannot be written ({problem.strerror or problem}, at {what}). The previous run still stands; "
            "free space or give rights, and run again: finished stages are kept."
        )

    @classmethod
    def of_database(cls, where: object, problem: Exception) -> Self:
        """What SQLite refused: a full, read-only or locked file."""
        cures = {
            "SQLITE_FULL": "Free space on that disk and run again.",
            "SQLITE_READONLY": "Give this user the right to write to the file and its folder, and run again.",
            "SQLITE_CANTOPEN": "Give this user rights to the file and its folder, and run again.",
            "SQLITE_BUSY": "Another program holds it open for writing: end that, and run again.",
            "SQLITE_LOCKED": "Another program holds it open for writing: end that, and run again.",
        }
        name = "_".join(str(getattr(problem, "sqlite_errorname", "")).split("_")[:2])
        cure = cures.get(name, "Look at the disk (space, rights, health) and run again.")
        return cls(f"{where} cannot be used: {problem}. The previous run still stands. {cure}")

    @classmethod
    def unmeasured(cls, where: object, problem: OSError) -> Self:
        """The numbers of a run that is published already."""
        said = problem.strerror or problem
        return cls(
            f"the run is published, but its numbers cannot be written to {where} ({said}). Run again to write them."
        )


class OutOfMemoryError(SorgRiskError):
    """The machine, or the setting ``memory_limit_mb``, has no memory left (exit code 1)."""

    @classmethod
    def during(cls, what: str) -> Self:
        """What was being done."""
        return cls(
            f"out of memory ({what}); the previous run still stands, finished stages are kept. Raise memory_limit_mb, or "
            "use a larger machine, and run again."
        )


def _hint(value: str, known: list[str]) -> str:
    near = get_close_matches(value, known, n=1, cutoff=0.6)
    return f" Did you mean {near[0]!r}?" if near else ""


def _listing(known: list[str], most: int = 12) -> str:
    if not known:
        return ""
    more = f" and {len(known) - most} more" if len(known) > most else ""
    return f" Known: {', '.join(known[:most])}{more}."


def check_path(what: str, path: str | PathLike[str]) -> None:
    """Raises `UsageError` where files are to be kept below a path that cannot be written as text."""
    if _UNDECODED.search(str(path)):
        raise UsageError.undecodable(what, path)
