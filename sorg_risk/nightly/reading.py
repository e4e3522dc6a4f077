"""Reading what was published: the run `CURRENT` names, whole."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from ..errors import DataError
from . import manifest, publish
from .job import Published

if TYPE_CHECKING:
    from pathlib import Path


def published(out: Path) -> Published:
    """The last published run of an output folder.

    Raises
    ------
    DataError
        Nothing was published there yet, or the folder `CURRENT` names is not whole.
    """
    run = publish.current(out)
    if run is None:
        raise DataError.missing("a published run", out, "Run `sorg-risk nightly` with this output folder first.")
    folder = out / run
    if not (folder / manifest.NAME).is_file():
        raise DataError.missing(f"the manifest of {run}", out, "Publish the run again from the ledger or the source.")
    told = manifest.read(folder)
    return Published(folder, str(told["run_id"]), dt.date.fromisoformat(str(told["as_of"])), unchanged=True)
