"""The encoding of a text file, guessed from its bytes or declared; rows of two encodings are refused, not garbled.

>>> import io
>>> encoding_of(io.BytesIO("名称\\n前海基金会\\n".encode("gb18030")), "")
'gb18030'
>>> encoding_of(io.BytesIO("名称\\n前海基金会\\n".encode("gb18030") + "前海基金会\\n".encode()), "")
Traceback (most recent call last):
ValueError: rows of two encodings: line 3 is UTF-8, others are GB18030; save the whole file in one
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from typing import Any, BinaryIO, Final

ENCODINGS: Final = ("utf-8", "gb18030")
_MARKS = {codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16", codecs.BOM_UTF8: "utf-8"}
_CHUNK: Final = 1 << 22
_CHINESE = re.compile(rb"(?:[\xe4-\xe9][\x80-\xbf]{2}){2,}")
"""Two Chinese characters or more in UTF-8; in GB18030 such bytes are hardly ever a word."""
_SURE: Final = 4
"""Characters that are no accident in a file of any length."""
_FEW_LINES: Final = 1_000
"""Lines of a file in which fewer characters are no accident either."""


def encoding_of(handle: BinaryIO, declared: str) -> str:
    """What decodes all of a file: declared, or said by its byte-order mark, or else the first that has no error.

    Raises ``ValueError`` with the reason where nothing does, or where lines of the file are of another encoding.
    """
    first = handle.read(4)
    marked = next((name for mark, name in _MARKS.items() if first.startswith(mark)), "")
    if declared and marked not in ("", declared):
        raise ValueError(f"its mark says {marked.upper()}, declared is {declared.upper()}")
    said = declared or marked
    if not said and _decodes(handle, "utf-8"):
        return "utf-8"
    if said != "utf-16" and (line := _line_of_utf8(handle, said)):
        raise ValueError(f"rows of two encodings: line {line} is UTF-8, others are GB18030; save the whole file in one")
    for encoding in (said,) if said else ENCODINGS[1:]:
        if _decodes(handle, encoding):
            return encoding
    if not said:
        raise ValueError("neither UTF-8 nor GB18030 text")
    raise ValueError(f"no {said.upper()} text, as {'declared' if declared else 'its mark says'}")


def _decodes(handle: BinaryIO, encoding: str) -> bool:
    decoder: Any = codecs.getincrementaldecoder(encoding)()
    handle.seek(0)
    try:
        while chunk := handle.read(_CHUNK):
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeError:
        return False
    return True


def _line_of_utf8(handle: BinaryIO, said: str) -> int:
    """The first line that is UTF-8 in a file that is not; 0: there is none, or all lines are."""
    if said == "utf-8":
        return 0
    sure = unsure = first_unsure = lines = 0
    for block in _blocks(handle):
        begun = 0
        for match in _CHINESE.finditer(block):
            if match.start() < begun:
                continue
            start, end = block.rfind(b"\n", 0, match.start()) + 1, block.find(b"\n", match.start())
            begun = end = len(block) if end < 0 else end
            if not _is_utf8(block[start:end]):
                continue
            number = lines + block.count(b"\n", 0, start) + 1
            if (match.end() - match.start()) // 3 >= _SURE:
                sure = sure or number
            unsure += 1
            first_unsure = first_unsure or number
        lines += block.count(b"\n")
    if sure:
        return sure
    return first_unsure if unsure and 100 * unsure >= lines * (lines > _FEW_LINES) else 0


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeError:
        return False
    return True


def _blocks(handle: BinaryIO) -> Iterator[bytes]:
    """A file in blocks of whole lines."""
    handle.seek(0)
    rest = b""
    while chunk := handle.read(_CHUNK):
        end = chunk.rfind(b"\n") + 1
        if end:
            yield rest + chunk[:end]
            rest = chunk[end:]
        else:
            rest += chunk
    if rest:
        yield rest
