"""What all commands share: the application, the kinds of arguments, progress on a terminal."""

from __future__ import annotations

import sys
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
    help="Point-in-time risk, credit points and statutory lists of social organisations 社会组织信用风险",
)
Flag = Annotated[bool, cyclopts.Parameter(negative="")]
From = Annotated[str, cyclopts.Parameter(name="--from")]
MaybeFrom = Annotated[str | None, cyclopts.Parameter(name="--from")]


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
