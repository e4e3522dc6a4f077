"""Commands about the nightly job and its runs: nightly, explain, diff, verify, replay."""

from __future__ import annotations

import os
import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from ..errors import DataError, GateRefused, UsageError
from .app import Flag, MaybeFrom, app, progress, say, say_json, shown

if TYPE_CHECKING:
    from ..nightly import Published

ALL_HOLDS: Final = {
    "en": "everything holds: runs, ledger, models, legal holds, pointer, audit chain (entry {number}, {digest})",
    "zh": "全部一致：结果、台账、模型、依法留存、当前结果指针、审计链（第 {number} 条，{digest}）",
}
PROBLEM: Final = {"en": "problem: ", "zh": "问题："}


@app.command
def nightly(
    source: str,
    *,
    out: Path,
    as_of: str | None = None,
    from_: MaybeFrom = None,
    to: str | None = None,
    model: Path | None = None,
    mapping: Path | None = None,
    lists: Literal["decided", "assumed"] | None = None,
    engine: Literal["local", "spark"] | None = None,
    full_reasons: Flag = False,
    settings: Path | None = None,
    dry_run: Flag = False,
    fault_point: str | None = None,
) -> None:
    """Score every active organisation as of a day and publish the run; or of every day of a span.

    Parameters
    ----------
    source
        Folder of tables, SQLite file, or address of a database.
    out
        Output folder.
    as_of
        The day; nothing recorded later is seen.
    from_
        First day of a back-fill, one run a day.
    to
        Last day of a back-fill.
    model
        Folder of a model; the shipped one if none is named.
    mapping
        Mapping file of foreign tables.
    lists
        List membership from the authority's decisions (decided), or assumed on the first lawful day.
    engine
        Where features, scores and contributions are made: here, or by Spark (setting spark_master); the run is the same.
    full_reasons
        Publish every contribution instead of the twelve largest.
    settings
        TOML file of settings; the environment (SORG_RISK_…) stands over it, the options here over both.
    dry_run
        Do everything, touch nothing.
    fault_point
        For crash tests: end the process at this named write (also SORG_RISK_FAULT_POINT).
    """
    from ..nightly.settings import Settings

    if fault_point is not None:
        from ..records.disk import FAULT

        os.environ[FAULT] = fault_point
    chosen = Settings.load(settings).with_(
        model=model, mapping=mapping, lists=lists, engine=engine, full_reasons=full_reasons or None
    )
    from ..nightly.clock import limit_memory
    from ..nightly.job import nights

    if chosen.memory_limit_mb is not None:
        limit_memory(chosen.memory_limit_mb)  # only now: libraries that cannot load would wait for memory for ever
    days = _days(as_of, from_, to)
    with progress() as tell:
        for run in nights(source, days, out=out, settings=chosen, dry_run=dry_run, tell=tell):
            _told(run, dry_run)
            if chosen.database is not None and not dry_run:
                _exported(run, chosen.database.get_secret_value())


def _exported(run: Published, address: str) -> None:
    from ..nightly.exporting import export

    rows = export(run, address)
    say(f"written to the database: {', '.join(f'{name} {count:,}' for name, count in rows.items())}")


def _days(as_of: str | None, first: str | None, last: str | None) -> list[str]:
    """One day, or every day of a span."""
    if (as_of is None) == (first is None or last is None) or (as_of is not None and (first or last)):
        raise UsageError("give either --as-of DAY, or --from DAY and --to DAY.")
    if as_of is not None:
        return [as_of]
    import datetime as dt

    from ..records.source import as_day

    start, end = as_day(first or ""), as_day(last or "")
    if end < start:
        raise UsageError(f"--to {end} lies before --from {start}. Exchange them.")
    return [(start + dt.timedelta(days=number)).isoformat() for number in range((end - start).days + 1)]


def _told(run: Published, dry_run: bool) -> None:
    from ..records.quarantine import is_row

    for warning in run.warnings:
        say(f"warning: {warning}", error=True)
    if dry_run:
        say(f"dry run: {'would be unchanged' if run.unchanged else 'would publish'} {run.folder}")
        return
    flags = run.table("flags")
    say(f"{'unchanged' if run.unchanged else 'published'}: {run.folder}")
    whole = is_row(run.table("quarantine"))
    said = [f"{len(run.table('scores')):,} organisations scored", f"{len(flags):,} flags"]
    cells = f", {(~whole).sum():,} cells set aside" if not whole.all() else ""
    say(f"{', '.join(said)}, {whole.sum():,} rows quarantined{cells}")
    if len(flags):
        say(flags.groupby(["flag", "status"]).size().rename("rows").reset_index().to_string(index=False))


@app.command
def explain(
    out: Path,
    org_id: str,
    *,
    lang: Literal["zh", "en"] = "zh",
    run: str | None = None,
    format: Literal["text", "html", "json"] = "text",
) -> None:
    """Print the dossier of one organisation from the published run.

    Parameters
    ----------
    out
        Output folder of `nightly`.
    org_id
        Unified social credit code.
    lang
        Language of the dossier.
    run
        Run id or day; the current run if none is named.
    format
        Text for a terminal, a page of its own (redirect it to a file), or JSON in both languages.
    """
    from ..nightly.dossiers import dossier

    found = dossier(out, org_id, run, lang=lang)
    if format == "json":
        say_json(found.to_json())
    else:
        say(found.to_html() if format == "html" else str(found))


@app.command
def diff(out: Path, *, run: str | None = None, format: Literal["text", "json"] = "text") -> None:
    """Compare a published run with the one before it: what is new, cleared and changed, and why.

    Parameters
    ----------
    out
        Output folder of `nightly`.
    run
        Run id or day; the current run if none is named.
    format
        Text for people, or JSON.
    """
    from ..nightly.differences import differences

    found = differences(out, run)
    if format == "json":
        say_json(found.to_json())
        return
    say(found)
    for title, frame in (("new 新增", found.new), ("cleared 消除", found.cleared), ("changed 变更", found.changed)):
        if len(frame):
            say(f"\n{title}:\n{shown(frame)}")


@app.command
def verify(
    out: Path,
    *,
    lang: Literal["zh", "en"] = "en",
    head: str | None = None,
    repair: Flag = False,
    settings: Path | None = None,
) -> None:
    """Check runs, ledger, models, legal holds, pointer and audit log against their digests; exit 3 where anything differs.

    Each problem is told with what mends it. The last entry of the audit log is printed: noted down elsewhere and given again
    as --head, it proves that nobody cut the log short or exchanged it as a whole.

    Parameters
    ----------
    out
        Output folder of `nightly`.
    lang
        Language of what is printed.
    head
        Number and digest of an entry as noted elsewhere: "12 3fb2…".
    repair
        First do what can be done safely: finish an interrupted night, put back what the audit log proves.
    settings
        With --repair: TOML file of settings (metrics).
    """
    from ..nightly.audit import entries
    from ..nightly.store import Store
    from ..nightly.verify import verify as verified

    if repair:
        _repair(out, settings, lang)
    problems = verified(out, head=_head(head))
    if not problems:
        last = entries(Store(out).audit)[-1]
        say(ALL_HOLDS[lang].format(number=last.number, digest=last.digest))
        return
    where = shlex.quote(str(out))
    for problem in problems:
        say(f"{PROBLEM[lang]}{problem.text(lang)}\n  → {problem.cure(lang, where, was_repaired=repair)}")
    raise GateRefused(
        f"{len(problems)} 项不符：{problems[0].text(lang)}"
        if lang == "zh"
        else f"{len(problems)} things do not hold: {problems[0]}"
    )


def _repair(out: Path, settings: Path | None, lang: str) -> None:
    from ..nightly.repair import repair
    from ..nightly.settings import Settings

    try:
        done = repair(out, Settings.load(settings))
    except DataError as problem:
        say(f"{'不能自动修复：' if lang == 'zh' else 'cannot be repaired: '}{problem}")
        return
    for line in done:
        say(f"{'已修复：' if lang == 'zh' else 'repaired: '}{line}")


def _head(text: str | None) -> tuple[int, str] | None:
    """Number and digest as `verify` prints them."""
    if text is None:
        return None
    words = re.fullmatch(r"\s*(\d{1,9})[\s,:]+([0-9a-f]{64})\s*", text)
    if words is None:
        raise UsageError(f"--head {text!r} is not a number and 64 hexadecimal digits, as `verify` prints them.")
    return int(words[1]), words[2]


@app.command
def replay(out: Path, *, run: str | None = None) -> None:
    """Make a published run again from the ledger and compare it byte by byte; exit 3 where anything differs.

    Parameters
    ----------
    out
        Output folder of `nightly`.
    run
        Run id or day; the current run if none is named.
    """
    from ..nightly.replay import replay as replayed

    done = replayed(out, run)
    say(done)
    if not done.same:
        raise GateRefused(f"run {done.run_id} could not be made again as it was published.")
