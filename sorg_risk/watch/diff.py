"""What is new since the night before, what is cleared, what changed, and why.

One organisation, flag, status and ground is one thing, whatever its evidence or next step. Why it came or went is told by
counting along a path of what-ifs from the night before to this one, each step changing one cause only::

    the published night before
      → its data on its day, by today's rules and model    law_change, model_change (program_change where neither did)
      → its data on today's day                            passing_time (law_change where the rule itself changed by date)
      → the same without what is no longer delivered        vanished
      → the same with what was rewritten in place           rewritten
      → today's data on today's day: the current night      new_data

A thing is put down to the last step at which it came or went, so new and cleared of all causes sum to the whole:
old + new - cleared = current.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Final

import pandas as pd

KEY: Final = ["org_id", "flag", "status", "ground"]
WATCHED: Final = ("citation", "since", "next_step", "next_step_due", "provisional", "clears_on", "evidence")
"""What may change of a flag that stays."""
DAYS: Final = ("since", "next_step_due", "clears_on")
CAUSES: Final = {
    "new_data": ("新数据", "new data"),
    "vanished": ("源数据不再提供", "no longer delivered"),
    "rewritten": ("源数据原地改写", "rewritten in place at the source"),
    "passing_time": ("期限届至", "passing time"),
    "law_change": ("法规变化", "law change"),
    "model_change": ("模型变化", "model change"),
    "program_change": ("程序或设置变化", "change of program or settings"),
    "unknown": ("不明", "unknown"),
}


@dataclass(frozen=True)
class NightDiff:
    """Flags new, cleared and changed, each with its cause; ``before`` and ``now`` are the numbers of flags.

    ``new``, ``cleared``: org_id, flag, status, ground, basis, cause. ``changed``: the same with ``what``, the names of
    the columns that differ.
    """

    before: int
    now: int
    new: pd.DataFrame
    cleared: pd.DataFrame
    changed: pd.DataFrame
    since: str = ""
    counts: pd.DataFrame = field(init=False)

    def __post_init__(self) -> None:
        counted = {
            name: frame["cause"].value_counts().reindex(list(CAUSES), fill_value=0).astype("int64")
            for name, frame in (("new", self.new), ("cleared", self.cleared), ("changed", self.changed))
        }
        object.__setattr__(self, "counts", pd.DataFrame(counted).rename_axis("cause"))

    @property
    def balanced(self) -> bool:
        """Whether old + new - cleared = current, cause by cause."""
        sums = self.counts.sum()
        return bool(self.before + sums["new"] - sums["cleared"] == self.now)

    def __str__(self) -> str:
        sums = self.counts.sum()
        head = f"since {self.since}: {self.before} + {sums['new']} new - {sums['cleared']} cleared = {self.now}"
        return f"{head}, {sums['changed']} changed\n\n{self.counts[self.counts.sum(axis=1) > 0].to_string()}"

    def to_json(self) -> str:
        """Numbers, causes and rows as JSON."""
        parts = {"new": self.new, "cleared": self.cleared, "changed": self.changed}
        rows = {name: frame.to_dict("records") for name, frame in parts.items()}
        counts = {str(cause): {str(k): int(v) for k, v in row.items()} for cause, row in self.counts.iterrows()}
        told = {"since": self.since, "before": self.before, "now": self.now, "causes": counts, **rows}
        return json.dumps(told, ensure_ascii=False, indent=1)


Key = tuple[str, ...]
Cells = tuple[str, ...]
WhatIf = Callable[[list[str], bool], pd.DataFrame]
"""Flags of some organisations; the second argument says whether early warnings are asked for too."""


@dataclass(frozen=True)
class Steps:
    """Flags at the what-ifs between two nights, for the organisations asked for.

    ``by_new_rules``: the night before's data and day under today's rules and model, or None where neither changed.
    ``by_time``: the night before's data on today's day. ``law_by_date``: rules that themselves changed in between.
    ``by_loss``: then that data, on today's day, without what vanished, and with what was rewritten, each with its cause.
    ``changed``: which of ``rulebook`` and ``model`` are not those of the night before; what else may differ is the program or
    its settings.
    """

    by_time: WhatIf
    by_new_rules: WhatIf | None = None
    law_by_date: frozenset[str] = frozenset()
    changed: frozenset[str] = frozenset(("rulebook", "model"))
    by_loss: tuple[tuple[str, WhatIf], ...] = ()


def night_diff(before: pd.DataFrame, now: pd.DataFrame, steps: Steps | None = None, since: str = "") -> NightDiff:
    """Differences of two tables of flags; without ``steps`` every cause is unknown."""
    then, today = _keyed(before), _keyed(now)
    new = today.loc[today.index.difference(then.index)]
    cleared = then.loc[then.index.difference(today.index)]
    both = then.index.intersection(today.index)
    changed = _changes(then.loc[both], today.loc[both])
    moved = pd.concat([new, cleared, changed])
    path = _Path(then, today, steps, moved)
    return NightDiff(
        len(before),
        len(now),
        _told(new, path.came(new.index)),
        _told(cleared, path.went(cleared.index)),
        _told(changed, path.altered(changed.index), extra=["what"]),
        since,
    )


class _Path:
    """Flags of the organisations that moved, at each step from the night before to this one: key -> watched cells."""

    def __init__(self, then: pd.DataFrame, today: pd.DataFrame, steps: Steps | None, moved: pd.DataFrame) -> None:
        self.steps = steps
        self.stations: list[tuple[str, dict[Key, Cells]]] = []
        orgs = sorted({str(org) for org in moved.index.get_level_values(0)})
        warned = bool((moved["basis"] == "model").any())
        if steps is not None and orgs:
            self.stations.append(("start", _cells(then)))
            if steps.by_new_rules is not None:
                self.stations.append(("rules", _cells(_keyed(steps.by_new_rules(orgs, warned)))))
            self.stations.append(("passing_time", _cells(_keyed(steps.by_time(orgs, warned)))))
            for cause, what_if in steps.by_loss:
                self.stations.append((cause, _cells(_keyed(what_if(orgs, warned)))))
            self.stations.append(("new_data", _cells(today)))

    def came(self, keys: pd.Index[Any]) -> list[str]:
        """The last step at which each thing appeared."""
        return [self._last(key, lambda was, became: was is None and became is not None) for key in keys]

    def went(self, keys: pd.Index[Any]) -> list[str]:
        """The last step at which each thing disappeared."""
        return [self._last(key, lambda was, became: was is not None and became is None) for key in keys]

    def altered(self, keys: pd.Index[Any]) -> list[str]:
        """The last step at which anything of a thing that stayed was different."""
        return [self._last(key, lambda was, became: was != became) for key in keys]

    def _last(self, key: Key, moves: Callable[[Cells | None, Cells | None], bool]) -> str:
        """The cause of the last step that moved a thing."""
        for (_, earlier), (cause, later) in reversed(list(pairwise(self.stations))):
            if moves(earlier.get(key), later.get(key)):
                return self._named(key, cause)
        return "unknown"

    def _named(self, key: Key, cause: str) -> str:
        """The step as a cause: rules are the law's for statutory flags, first of all the model's for early warnings."""
        if cause == "rules":
            changed = self.steps.changed if self.steps is not None else frozenset()
            if key[1] == "early_warning" and "model" in changed:
                return "model_change"
            return "law_change" if "rulebook" in changed else "program_change"
        by_date = (
            self.steps is not None and any(key[3].startswith(rule) for rule in self.steps.law_by_date) and key[3] != ""
        )
        return "law_change" if cause == "passing_time" and by_date else cause


def _keyed(flags: pd.DataFrame) -> pd.DataFrame:
    """Flags by what they are of; missing grounds are empty, days are days however they were stored."""
    words = {name: flags[name].astype("str").fillna("") for name in KEY}
    plain = flags.assign(**words, **{name: pd.to_datetime(flags[name]) for name in DAYS})
    return plain.set_index(KEY).sort_index()


def _changes(then: pd.DataFrame, today: pd.DataFrame) -> pd.DataFrame:
    """Flags of both nights of which a watched column differs; an early warning's day is always today's and no change."""
    what = pd.Series("", index=today.index, dtype="str")
    model = (today["basis"] == "model").to_numpy()
    for name in WATCHED:
        differs = (_words(then[name]) != _words(today[name])).to_numpy() & ~(model & (name in ("since", "evidence")))
        what = what.mask(differs, what + ", " + name)
    return today.assign(what=what.str.removeprefix(", "))[what != ""]


def _words(cells: pd.Series[Any]) -> pd.Series[str]:
    """Cells as comparable text: days as days, lists as their items."""
    if pd.api.types.is_datetime64_any_dtype(cells.dtype):
        days: pd.Series[str] = cells.dt.strftime("%Y-%m-%d").fillna("").astype("str")
        return days
    return cells.map(_word).astype("str")


def _word(cell: Any) -> str:
    return ";".join(cell) if isinstance(cell, list) or hasattr(cell, "tolist") else str(cell)


def _cells(station: pd.DataFrame) -> dict[Key, Cells]:
    """The watched cells of every flag as comparable text; of flags with one key, those of the first."""
    rows = list(zip(*(_words(station[name]) for name in WATCHED), strict=True))
    return dict(zip(reversed(station.index.to_list()), reversed(rows), strict=True))


def _told(rows: pd.DataFrame, causes: list[str], extra: list[str] | None = None) -> pd.DataFrame:
    plain = rows.reset_index().assign(cause=pd.Series(causes, dtype="str", index=range(len(rows))))
    return plain[[*KEY, "basis", "cause", *(extra or [])]].reset_index(drop=True)
