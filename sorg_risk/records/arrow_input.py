"""What the streaming reader of Arrow is given, so that none of its threads outlives the reading.

That reader reads ahead on threads of its own. A thread that still asks a Python file for bytes when the interpreter ends aborts the
process. A plain file is therefore read by Arrow itself; anything else, and text that Python has to decode, is read to its end first.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa
import pyarrow.csv as pacsv


class HandleInput:
    """An open file for Arrow that can be made to end early."""

    def __init__(self, handle: BinaryIO) -> None:
        self._handle = handle
        self._has_ended = False

    @property
    def closed(self) -> bool:
        """Whether the file is closed."""
        return self._handle.closed

    def read(self, size: int = -1) -> bytes:
        """The next bytes; none once it was ended."""
        return b"" if self._has_ended else self._handle.read(size)

    def end(self) -> None:
        """Let every later reading come to the end of the file at once."""
        self._has_ended = True


@contextmanager
def arrow_input(handle: BinaryIO, encoding: str) -> Iterator[HandleInput | pa.NativeFile]:
    """What Arrow reads of an open file: the file itself where it is one on the disk, in UTF-8."""
    name = getattr(handle, "name", None)
    if encoding != "utf-8" or not isinstance(name, str | Path):
        yield HandleInput(handle)
        return
    with pa.OSFile(os.fsencode(name)) as file:
        yield file


@contextmanager
def draining(reader: pacsv.CSVStreamingReader, source: HandleInput | pa.NativeFile) -> Iterator[None]:
    """However the reading ends, Arrow has read a Python file to its end before that is closed."""
    try:
        yield
    finally:
        if isinstance(source, HandleInput):
            source.end()
            with suppress(pa.ArrowInvalid, UnicodeError):
                for _ in reader:
                    pass
