"""Commands for operators of an output folder: watch, retire, hold, release, export, settings."""

from __future__ import annotations

import json
import os
from pathlib import Path

from ..errors import UsageError
from .app import Flag, app, say, say_json


@app.command
def watch(out: Path) -> None:
    """Say whether the scores drift, and whether the warnings of matured runs came true, alike for everybody.

    Parameters
    ----------
    out
        Output folder of `nightly`.
    """
    from ..nightly.watching import watched

    say(watched(out))


@app.command
def retire(out: Path, *, settings: Path | None = None, yes: Flag = False) -> None:
    """Name the runs that are old enough to go; with --yes remove them.

    The current run, the last ones, those of recent days and those on legal hold always stay; so does what makes a
    removed run again.

    Parameters
    ----------
    out
        Output folder of `nightly`.
    settings
        TOML file of settings (keep_runs, keep_days).
    yes
        Remove them.
    """
    from ..nightly.retention import removable
    from ..nightly.retention import retire as removed
    from ..nightly.settings import Settings

    chosen = Settings.load(settings)
    names = removed(out, chosen) if yes else removable(out, chosen)
    for name in names:
        say(f"{'removed' if yes else 'would remove'}: {name}")
    say(f"{len(names)} runs {'removed' if yes else 'could go; --yes removes them'}")


@app.command
def hold(out: Path, run: str, *, author: str, reason: str) -> None:
    """Put a run on legal hold: retention never removes it.

    Parameters
    ----------
    out
        Output folder of `nightly`.
    run
        Run id or day.
    author
        Who asks for it.
    reason
        Why.
    """
    from ..nightly.retention import hold as held

    say(f"on legal hold: {held(out, run, author=author, reason=reason)}")


@app.command
def release(out: Path, run: str, *, author: str, reason: str) -> None:
    """End the legal hold of a run.

    Parameters
    ----------
    out
        Output folder of `nightly`.
    run
        Run id or day.
    author
        Who asks for it.
    reason
        Why.
    """
    from ..nightly.retention import release as released

    say(f"no longer on legal hold: {released(out, run, author=author, reason=reason)}")


@app.command
def export(out: Path, *, database: str | None = None, run: str | None = None) -> None:
    """Write a published run to PostgreSQL, all tables in one transaction.

    Parameters
    ----------
    out
        Output folder of `nightly`.
    database
        Address of the database; SORG_RISK_DATABASE if none is named (then no password stands in the list of processes).
    run
        Run id or day; the current run if none is named.
    """
    import datetime as dt

    from ..nightly import Published
    from ..nightly.exporting import export as exported
    from ..nightly.store import Store

    address = database or os.environ.get("SORG_RISK_DATABASE")
    if not address:
        raise UsageError("name a database with --database or SORG_RISK_DATABASE.")
    folder = Store(out).run(run)
    rows = exported(Published(folder, folder.name, dt.date.fromisoformat(folder.parent.name)), address)
    say(", ".join(f"{name} {count:,}" for name, count in rows.items()))


@app.command
def settings(file: Path | None = None) -> None:
    """Print the settings in force, from a file and the environment, secrets masked.

    Parameters
    ----------
    file
        TOML file of settings.
    """
    from ..nightly.settings import Settings

    say_json(json.dumps(Settings.load(file).shown(), indent=1))
