"""Commands about sources, models and the law: simulate, check, train, backtest, law."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

import cyclopts

from ..errors import GateRefused
from .app import Flag, From, app, progress, say, say_json, shown

if TYPE_CHECKING:
    import pandas as pd

    from ..records.source import Source


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
    from ..simulate import simulate as simulated
    from ..simulate import write

    registry = simulated(orgs, seed)
    write(registry, out)
    rows = sum(len(frame) for frame in registry.values())
    say(f"simulated registry of {orgs:,} organisations, {rows:,} rows, seed {seed}: {out}")


@app.command
def check(
    source: str,
    *,
    mapping: Path | None = None,
    strict: Flag = False,
    values: Flag = False,
    coverage: Flag = False,
    as_of: str | None = None,
) -> None:
    """Read and check everything, print what is quarantined and why, and what is doubtful.

    Parameters
    ----------
    source
        Folder of tables, SQLite file, or address of a database.
    mapping
        Mapping file of foreign tables.
    strict
        Exit 3 when any row was refused.
    values
        Print distinct unknown words with their counts, column by column, instead of single rows.
    coverage
        Print the share of features that are the same for every organisation, and the absent columns behind them.
    as_of
        Day of the coverage; the last recorded day if none is named.
    """
    from ..records import open as open_source
    from ..records.doubts import doubts
    from ..records.quarantine import is_row
    from ..records.reading_databases import without_secrets
    from ..records.simulated import is_simulated, training_command

    opened = open_source(source, mapping)
    say(opened.counts.to_string(index=False))
    for file in opened.files:
        if file.encoding:
            say(f"file {file.name}: {file.rows:,} rows, read as {file.encoding}")
    for notice in opened.notices:
        say(f"notice: {notice}")
    whole = is_row(opened.quarantine)
    refused, cells = opened.quarantine[whole], opened.quarantine[~whole]
    if len(refused):
        say(f"\nquarantined by rule 隔离:\n{_by_rule(refused, 'rows')}")
        if not values:
            say(f"\nrows:\n{shown(refused)}")
    if len(cells):
        said = "cells set aside, their rows stay 单项不予采用（整行保留）"
        say(f"\n{said}:\n{_by_rule(cells, 'cells')}")
        if not values:
            say(f"\ncells:\n{shown(cells)}")
    if values:
        _say_words(opened)
    if opened.last_recorded is not None:
        view = opened.as_of(opened.last_recorded)
        unsure = doubts(view)
        if len(unsure):
            say(f"\ndoubtful, used as they are 存疑:\n{shown(unsure, 10)}")
        if not is_simulated(view):
            say(
                "\nnotice: the shipped model learnt from a simulated registry; on this source its scores are provisional 暂定. "
                f"Train a model of your own: {training_command(without_secrets(source), mapping, view)}"
            )
    if coverage:
        _say_coverage(opened, as_of)
    if strict and len(refused):
        raise GateRefused(f"{len(refused)} rows were refused (--strict).")


def _say_words(opened: Source) -> None:
    """Distinct unknown words column by column, and what a mapping file would say of them."""
    from ..records.unknown_words import mapping_lines, unknown_words

    words = unknown_words(opened)
    if words.empty:
        say("\nno unknown words 无未知取值")
        return
    for (table, column), own in words.groupby(["table", "column"], sort=False):
        kind, cells = own["kind"].iloc[0], int(own["cells"].sum())
        say(f"\nunknown words of {table}.{column} ({kind}) 未知取值: {len(own):,} distinct, {cells:,} cells")
        say(shown(own[["cells", "word", "nearest"]], 20))
    lines = mapping_lines(words)
    if lines:
        say("\nin a mapping file, completed by you:\n" + "\n".join(lines))


def _say_coverage(opened: Source, as_of: str | None) -> None:
    """Features that are constant, and why."""
    from ..features.coverage import coverage

    day = as_of or opened.last_recorded
    if day is None:
        say("\ncoverage 特征覆盖: no usable row, so every feature is constant")
        return
    say(f"\ncoverage as of {day} 特征覆盖: {coverage(opened.as_of(day))}")


def _by_rule(lines: pd.DataFrame, counted: str) -> str:
    by_rule = lines.groupby(["table", "column", "rule"], dropna=False).size().rename(counted).reset_index()
    return str(by_rule.to_string(index=False))


@app.command
def train(
    source: str,
    *,
    from_: From,
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
        Folder of tables, SQLite file, or address of a database.
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
    from ..model import train as trained
    from ..records import open as open_source

    with progress() as tell:
        tell("read")
        done = trained(open_source(source, mapping), from_, to, out, every=every, tell=tell, random_state=seed)
    say(repr(done.panel))
    say(
        done.report if done.report is not None else "too few events to hold anything back: the model's worth is unknown"
    )
    say(f"model and card: {done.folder}")


@app.command
def backtest(
    source: str,
    *,
    from_: From,
    to: str,
    model: Path | None = None,
    mapping: Path | None = None,
    every: int = 3,
    capacity: float = 0.03,
    json: Flag = False,
) -> None:
    """Say what the alarms would have been worth, per as-of day and pooled, and what officers said of them.

    Parameters
    ----------
    source
        Folder of tables, SQLite file, or address of a database.
    from_
        First as-of day; not before the model's last knowledge day.
    to
        Last as-of day.
    model
        Folder of a model; the shipped one if none is named.
    mapping
        Mapping file of foreign tables.
    every
        One as-of day every so many months.
    capacity
        Share of organisations that can be inspected after each as-of day.
    json
        Print one JSON object instead of tables.
    """
    from ..model import backtest as tested
    from ..records import open as open_source
    from ..watch.verdicts import tally

    with progress() as tell:
        tell("read")
        opened = open_source(source, mapping)
        found = tested(opened, from_, to, model, every=every, capacity=capacity, tell=tell)
    if json:
        say_json(found.to_json())
        return
    say(found)
    said = tally(opened.as_of(to))
    if len(said):
        say(f"\nofficers' verdicts as known on {to} 复核结论:\n{said.to_string()}")


law_app = cyclopts.App(name="law", help="The rulebook of a day, and what in it has not been checked for a while.")
app.command(law_app)


@law_app.default
def law(*, on: str, format: Literal["md", "json"] = "md") -> None:
    """Print the rulebook that a run of a day applies, with citations.

    Parameters
    ----------
    on
        The day.
    format
        Markdown or JSON.
    """
    from ..law import rulebook

    say(rulebook(on, format=format))


@law_app.command
def stale(*, on: str, days: int, format: Literal["text", "json"] = "text") -> None:
    """List the texts, rules and figures that had not been compared with their source for so many days.

    Parameters
    ----------
    on
        The day.
    days
        Days since the last check.
    format
        Text or JSON.
    """
    from ..law.stale import stale_text

    say(stale_text(on, days, format))
