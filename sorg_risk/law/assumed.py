"""Membership as assumed: an authority that lists and removes on the first lawful day, for back-tests and simulated histories.

Penalties, court and revocation: listed on the day of the decision. Grounds that need a notice: the ground's day, plus ten working days for
the statement. Never before the fact was recorded. Removal on the first day the law allows, from the serious list as if applied for that day.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from .lists import STAY_COLUMNS, Lists
from .machine import A_FROM, NEVER, OFF, S_FROM, S_GROWN, A, Column, S, walk
from .periods import latest, plus_months, plus_years
from .procedure_terms import STATEMENT_DAYS
from .registry import BY_KEY, lasting
from .removal import COLUMNS, SERIOUS_YEARS
from .rule import ABNORMAL, SERIOUS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .evaluate import Found
    from .known import Known

SIX: Final = 6
ORDER: Final = ["org_id", "enter", "serious", "since", "ground"]


def assumed(known: Known, found: Found) -> Lists:
    """Membership by the state machine; ``found`` holds the facts of both lists."""
    frame = found.frame.assign(enter=lawful_days(known, found.frame))
    frame["serious"] = frame["flag"] == SERIOUS
    walked = frame.sort_values(ORDER, kind="stable")
    org, begins = _borders(walked["org_id"])
    state, leaves, listed = walk(begins, _columns(walked), _number(known.today))
    walked = walked.assign(listed=listed)
    stays = pd.concat(
        [
            _stays(walked, org, state[:, [A, A_FROM]], leaves[:, 0], np.zeros(len(org), dtype=bool), ABNORMAL),
            _stays(walked, org, state[:, [S, S_FROM]], leaves[:, 1], state[:, S_GROWN] == 1, SERIOUS),
        ],
        ignore_index=True,
    )
    answered = walked["listed"].reindex(frame.index).to_numpy(dtype=bool)
    return Lists(
        assumed=True,
        stays=stays,
        history=pd.DataFrame(
            {name: pd.Series(dtype=object) for name in ("org_id", "flag", "key", "listed_on", "until")}
        ),
        removals=pd.DataFrame({name: pd.Series(dtype=object) for name in COLUMNS}),
        answered=lambda asked: answered if len(asked) == len(answered) else np.zeros(len(asked), dtype=bool),
        lawful=lambda asked: lawful_days(known, asked),
    )


def lawful_days(known: Known, frame: pd.DataFrame) -> pd.Series:
    """The first day each fact could be listed."""
    noticed = frame["rule"].map(lambda key: BY_KEY[key].needs_notice).astype(bool)
    heard, _ = known.calendar.plus(frame["since"], STATEMENT_DAYS.on(known.day).value)
    return latest(heard.where(noticed, frame["since"]), frame["known_on"])


def _columns(walked: pd.DataFrame) -> Column:
    """The facts as the machine reads them."""
    enter = walked["enter"]
    stays = lasting(walked["rule"])
    holding = (stays | walked["rule"].map(lambda key: BY_KEY[key].holds)).to_numpy(dtype=bool)
    two = plus_years(enter, SERIOUS_YEARS)
    return Column(
        serious=walked["serious"].to_numpy(dtype=bool),
        passes=(~stays & ~walked["serious"]).to_numpy(dtype=bool),
        enter=_numbers(enter),
        ends=_numbers(walked["ends"]),
        held=np.where(holding, _numbers(walked["ends"]), _numbers(enter)),
        six=_numbers(plus_months(enter, SIX)),
        two=_numbers(two),
        four=_numbers(plus_years(two, SERIOUS_YEARS)),
    )


def _borders(org_ids: pd.Series) -> tuple[NDArray[np.object_], NDArray[np.int64]]:
    """The organisations in order, and where the facts of each begin (and the last end)."""
    changes = np.flatnonzero((org_ids != org_ids.shift()).to_numpy(dtype=bool))
    return org_ids.to_numpy(dtype=object)[changes], np.append(changes, len(org_ids)).astype(np.int64)


def _stays(
    walked: pd.DataFrame,
    org: NDArray[np.object_],
    state: NDArray[np.int64],
    leaves: NDArray[np.int64],
    grown: NDArray[np.bool_],
    flag: str,
) -> pd.DataFrame:
    """The stays on one list: the facts in force name the ground; two full years on the other list are a ground of their own."""
    on = np.flatnonzero(state[:, 0] != OFF)
    begun = walked["enter"].iloc[state[on, 0]].reset_index(drop=True)
    rows = pd.DataFrame(
        {
            "place": np.arange(len(on)),
            "org_id": pd.Series(org[on], dtype="str"),
            "flag": flag,
            "listed_on": begun.where(~pd.Series(grown[on]), plus_years(begun, SERIOUS_YEARS)),
            "first_on": walked["enter"].iloc[state[on, 1]].to_numpy(),
            "clears_on": pd.Series(_days(leaves[on])),
            "key": "",
        }
    )
    told = [_named(walked, first, last, bool(how)) for (last, first), how in zip(state[on], grown[on], strict=True)]
    lines = [(place, *line) for place, lines in enumerate(told) for line in lines]
    grounds = pd.DataFrame(lines, columns=["place", "ground", "evidence", "unconfirmed"])
    return rows.merge(grounds, on="place").astype({"ground": "str", "unconfirmed": "str"}).loc[:, list(STAY_COLUMNS)]


def _named(walked: pd.DataFrame, first: int, last: int, grown: bool) -> list[tuple[str, list[str], str]]:
    """(ground, evidence, unconfirmed) of a stay: of the facts listed on the day in force, or of all that led to the two full years."""
    span = walked.iloc[first : last + 1]
    mine = span["listed"] & (~span["serious"] if grown else span["enter"] == span["enter"].iat[-1])
    kept = span.loc[mine & (span["serious"] <= span["serious"].iat[-1])]
    names = ["SL-01"] * len(kept) if grown else kept["ground"].tolist()
    found: dict[str, tuple[list[str], list[str]]] = {}
    for name, records, doubt in zip(names, kept["evidence"], kept["unconfirmed"], strict=True):
        evidence, doubts = found.setdefault(name, ([], []))
        evidence += records
        doubts += [doubt] if doubt else []
    return [(name, found[name][0], ";".join(dict.fromkeys(found[name][1]))) for name in sorted(found)]


def _number(day: pd.Timestamp) -> int:
    return int(np.datetime64(day.date(), "D").astype(np.int64))


def _numbers(column: pd.Series) -> NDArray[np.int64]:
    """Days since 1970-01-01, `NEVER` where missing."""
    days = column.to_numpy().astype("datetime64[D]").astype(np.int64)
    return np.where(column.isna().to_numpy(), NEVER, days)


def _days(numbers: NDArray[np.int64]) -> NDArray[np.datetime64]:
    """Days as datetimes, missing where a day does not come."""
    days = np.minimum(numbers, NEVER - 1).astype("datetime64[D]").astype("datetime64[s]")
    days[numbers >= NEVER] = np.datetime64("NaT")
    return days
