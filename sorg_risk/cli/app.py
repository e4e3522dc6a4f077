"""What all commands share: the application, the kinds of arguments, progress on a terminal."""

from __future__ import annotations

import json
import sys
import unicodedata
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import cyclopts

from .._version import __version__

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import pandas as pd

app = cyclopts.App(
    name="sorg-risk",
    version=__version__,
    suppress_keyboard_interrupt=False,  # said in `run`, as every other end
    help="Point-in-time risk, credit points and statutory lists of social organisations 社会组织信用风险",
)
Flag = Annotated[bool, cyclopts.Parameter(negative="")]
From = Annotated[str, cyclopts.Parameter(name="--from")]
MaybeFrom = Annotated[str | None, cyclopts.Parameter(name="--from")]


def plain(text: str) -> str:
    """Text that no terminal obeys and in which no personal number stands: names and cells come from outside.

    >>> plain("\x1b[2J深圳\u202e 13912345678")
    '\ufffd[2J深圳\ufffd 139****5678'
    """
    from ..records.pii import mask_pii

    return _visible("\n".join(map(mask_pii, text.split("\n"))))


def _visible(text: str) -> str:
    return text if text.isascii() and text.isprintable() else "".join(map(_shown, text))


def _shown(sign: str) -> str:
    obeyed = unicodedata.category(sign) in ("Cc", "Cf", "Cs", "Zl", "Zp") and sign not in "\n\t"
    return "\ufffd" if obeyed else sign


def say(text: object, *, error: bool = False) -> None:
    """Prints for people; everything a command says goes through here."""
    print(plain(str(text)), file=sys.stderr if error else sys.stdout)


def say_json(text: str) -> None:
    """Prints JSON with its words masked and its numbers as they are."""
    from ..records.pii import mask_within

    indent = 1 if "\n" in text.strip() else None
    print(_visible(json.dumps(mask_within(json.loads(text)), ensure_ascii=False, indent=indent)))


@contextmanager
def progress() -> Iterator[Callable[[str], None]]:
    """Tells the stages on a terminal, and nothing anywhere else (cron mail stays empty)."""
    if not sys.stderr.isatty():
        yield lambda _stage: None
        return
    from rich.console import Console

    with Console(stderr=True).status("starting") as status:
        yield lambda stage: status.update(f"{stage} …")


def shown(frame: pd.DataFrame, most: int = 40) -> str:
    """A frame as plain text: the first rows, and how many more there are."""
    rest = len(frame) - most
    text = frame.head(most).to_string(index=False)
    return f"{text}\n… and {rest:,} more" if rest > 0 else text
