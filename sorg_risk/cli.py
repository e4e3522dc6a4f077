"""The command line: each command is a thin call into the library, and every error is one clear line and an exit code.

Exit codes: 0 done, 1 internal error, 2 wrong usage or not available, 3 a gate refused or (with ``--strict``) rows were refused,
4 input missing or unreadable, 75 another run holds the lock.
"""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import cyclopts

from ._version import __version__
from .errors import GateRefused, SorgRiskError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

app = cyclopts.App(
    name="sorg-risk",
    version=__version__,
    help="Point-in-time risk, credit points and statutory lists of social organisations 社会组织信用风险",
)
Flag = Annotated[bool, cyclopts.Parameter(negative="")]


@app.command
def simulate(*, orgs: int, seed: int = 0, out: Path) -> None:
    """Write a simulated registry with known answers; it says in every place that it is simulated.

    Parameters
    ----------
    orgs
        How many organisations.
    seed
        The same seed gives the same bytes.
    out
        Folder to write.
    """
    from .simulate import simulate as simulated
    from .simulate import write

    registry = simulated(orgs, seed)
    write(registry, out)
    rows = sum(len(frame) for frame in registry.values())
    print(f"simulated registry of {orgs} organisations, {rows} rows, seed {seed}: {out}")


@app.command
def check(source: Path, *, mapping: Path | None = None, strict: Flag = False) -> None:
    """Read and check everything, print what is quarantined and why.

    Parameters
    ----------
    source
        Folder of tables.
    mapping
        Mapping file of foreign tables.
    strict
        Exit 3 when any row was refused.
    """
    from .records import open as open_source

    opened = open_source(source, mapping)
    print(opened.counts.to_string(index=False))
    for notice in opened.notices:
        print(f"notice: {notice}")
    refused = opened.quarantine
    if len(refused):
        by_rule = refused.groupby(["table", "column", "rule"], dropna=False).size().rename("rows").reset_index()
        print(f"\nquarantined by rule:\n{by_rule.to_string(index=False)}\n\nfirst rows:")
        print(refused.head(20).to_string(index=False))
    if strict and len(refused):
        raise GateRefused(f"{len(refused)} rows were refused (--strict).")


@app.command
def train(
    source: Path,
    *,
    from_: Annotated[str, cyclopts.Parameter(name="--from")],
    to: str,
    out: Path,
    mapping: Path | None = None,
    every: int = 3,
    seed: int = 0,
) -> None:
    """Build the point-in-time panel, validate on later time, fit, and write model and card.

    Parameters
    ----------
    source
        Folder of tables.
    from_
        First as-of day of the panel.
    to
        Last day of knowledge; nothing recorded later is used.
    out
        Folder of the model.
    mapping
        Mapping file of foreign tables.
    every
        One panel day every so many months.
    seed
        Seed of the model.
    """
    from .model import train as trained
    from .records import open as open_source

    with _progress() as tell:
        tell("read")
        done = trained(open_source(source, mapping), from_, to, out, every=every, tell=tell, random_state=seed)
    print(repr(done.panel))
    print(
        done.report if done.report is not None else "too few events to hold anything back: the model's worth is unknown"
    )
    print(f"model and card: {done.folder}")


@app.command
def nightly(
    source: Path,
    *,
    as_of: str,
    out: Path,
    model: Path | None = None,
    mapping: Path | None = None,
    lists: Literal["decided", "assumed"] = "decided",
    engine: Literal["local", "spark"] = "local",
    full_reasons: Flag = False,
    fault_point: str | None = None,
) -> None:
    """Score every active organisation as of a day and publish the run.

    Parameters
    ----------
    source
        Folder of tables.
    as_of
        The day; nothing recorded later is seen.
    out
        Output folder.
    model
        Folder of a model; the shipped one if none is named.
    mapping
        Mapping file of foreign tables.
    lists
        List membership from the authority's decisions, or assumed on the first lawful day.
    engine
        Where the work is done.
    full_reasons
        Publish every contribution instead of the twelve largest.
    fault_point
        For crash tests: stop the process at this named write.
    """
    from .nightly import nightly as job
    from .nightly.publish import FAULT

    if fault_point is not None:
        os.environ[FAULT] = fault_point
    with _progress() as tell:
        run = job(
            source,
            as_of=as_of,
            out=out,
            model=model,
            mapping=mapping,
            lists=lists,
            engine=engine,
            full_reasons=full_reasons,
            tell=tell,
        )
    for warning in run.warnings:
        print(f"warning: {warning}", file=sys.stderr)
    flags = run.table("flags")
    print(f"{'unchanged' if run.unchanged else 'published'}: {run.folder}")
    print(
        f"{len(run.table('scores'))} organisations scored, {len(flags)} flags, {len(run.table('quarantine'))} rows quarantined"
    )
    if len(flags):
        print(flags.groupby(["flag", "status"]).size().rename("rows").reset_index().to_string(index=False))


@app.command
def explain(out: Path, org_id: str, *, lang: Literal["zh", "en"] = "zh") -> None:
    """Print the dossier of one organisation from the published run.

    Parameters
    ----------
    out
        Output folder of `nightly`.
    org_id
        Unified social credit code.
    lang
        Language of the dossier.
    """
    from .explain.dossier import Dossier
    from .nightly.reading import published

    run = published(out)
    print(Dossier.of_tables(org_id, run.table("scores"), run.table("flags"), run.table("reasons"), lang=lang))


@app.command
def law(*, on: str, format: Literal["md", "json"] = "md") -> None:
    """Print the rulebook in force on a day, with citations.

    Parameters
    ----------
    on
        The day.
    format
        Markdown or JSON.
    """
    from .law import rulebook

    print(rulebook(on, format=format))


@app.command
def backtest(
    source: Path,
    *,
    from_: Annotated[str, cyclopts.Parameter(name="--from")],
    to: str,
    model: Path | None = None,
) -> None:
    """Say what the alarms would have been worth (not available in this version)."""
    raise UsageError.not_yet("backtest")


@app.command
def diff(out: Path) -> None:
    """Compare the published run with the previous one (not available in this version)."""
    raise UsageError.not_yet("diff")


@app.command
def verify(out: Path) -> None:
    """Check hashes and the audit chain (not available in this version)."""
    raise UsageError.not_yet("verify")


@app.command
def replay(out: Path, *, run: str | None = None) -> None:
    """Make the same decision again, byte by byte (not available in this version)."""
    raise UsageError.not_yet("replay")


def main(argv: Sequence[str] | None = None) -> None:
    """Run one command and exit with its code."""
    sys.exit(run(argv))


def run(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code instead of raising."""
    try:
        app(
            list(sys.argv[1:] if argv is None else argv),
            exit_on_error=False,
            print_error=False,
            result_action="return_value",
        )
    except SorgRiskError as error:
        return _said(error, error.exit_code)
    except cyclopts.CycloptsError as error:
        return _said(f"{error} See sorg-risk --help.", UsageError.exit_code)
    except BrokenPipeError:
        return 0
    except Exception as error:
        if os.environ.get("SORG_RISK_DEBUG"):
            raise
        return _said(f"internal error: {type(error).__name__}: {error} (SORG_RISK_DEBUG=1 shows where)", 1)
    return 0


def _said(error: object, code: int) -> int:
    print(f"sorg-risk: {' '.join(str(error).split())}", file=sys.stderr)
    return code


@contextmanager
def _progress() -> Iterator[Callable[[str], None]]:
    """Tell the stages on a terminal, and nothing anywhere else (cron mail stays empty)."""
    if not sys.stderr.isatty():
        yield lambda _stage: None
        return
    from rich.console import Console

    with Console(stderr=True).status("starting") as status:
        yield lambda stage: status.update(f"{stage} ...")
