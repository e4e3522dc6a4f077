"""Membership as assumed: an authority that lists and removes on the first lawful day, for back-tests and simulated histories.

Penalties, court and revocation: listed on the day of the decision. Grounds that need a notice: the ground's day, plus ten working days for
the statement. Never before the fact was recorded. Removal on the first day the law allows, from the serious list as if applied for that day.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from ..calendar.periods import latest, plus_months
from .facts import FOREVER
from .knowledge import known_since
from .lists import STAY_COLUMNS, Lists
from .machine import A_FROM, NEVER, OFF, S_FROM, S_GROWN, A, Column, S, walk
from .procedure_terms import STATEMENT_DAYS
from .registry import holding, lasting, noticed, stay_bits, stay_kinds
from .removal import COLUMNS
from .rule import ABNORMAL, SERIOUS
from .stays import grown, serious_over

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .evaluate import Found
    from .known import Known

ORDER: Final = ["org_id", "enter", "serious", "since", "ground"]


def assumed(known: Known, found: Found) -> Lists:
    """Membership by the state machine; ``found`` holds the facts of both lists."""
    frame = found.frame.assign(enter=lawful_days(known, found))
    frame["serious"] = frame["flag"] == SERIOUS
    walked = frame.sort_values(ORDER, kind="stable")
    org, begins = _borders(walked["org_id"])
    state, leaves, listed = walk(begins, _columns(known, walked), _number(known.today))
    walked = walked.assign(listed=listed)
    spans = [
        _spans(state[:, [A, A_FROM]], leaves[:, 0], np.zeros(len(org), dtype=bool), ABNORMAL),
        _spans(state[:, [S, S_FROM]], leaves[:, 1], state[:, S_GROWN] == 1, SERIOUS),
    ]
    answered = walked["listed"].reindex(frame.index).to_numpy(dtype=bool)
    return Lists(
        assumed=True,
        stays=_stays(known, walked, org, pd.concat(spans, ignore_index=True), found),
        history=pd.DataFrame(
            {name: pd.Series(dtype=object) for name in ("org_id", "flag", "key", "listed_on", "until", "gone_on")}
        ),
        removals=pd.DataFrame({name: pd.Series(dtype=object) for name in COLUMNS}),
        answered=lambda asked: answered if len(asked) == len(answered) else np.zeros(len(asked), dtype=bool),
    )


def lawful_days(known: Known, found: Found) -> pd.Series:
    """The first day each fact could be listed; none where it never stood as known on any evening."""
    frame = found.frame
    heard, _ = known.workdays_after(STATEMENT_DAYS, frame["since"])
    heard = heard.where(noticed(frame["rule"]), frame["since"])
    return latest(heard, known_since(known, found).fillna(FOREVER))


def _columns(known: Known, walked: pd.DataFrame) -> Column:
    """The facts as the machine reads them."""
    enter = walked["enter"]
    stays = lasting(walked["rule"])
    undone = (stays | holding(walked["rule"])).to_numpy(dtype=bool)
    grows = grown(known, enter)
    kinds = [_numbers(known.read(kind, enter).after(enter, plus_months)) for kind in stay_kinds()]
    return Column(
        serious=walked["serious"].to_numpy(dtype=bool),
        passes=np.where(walked["serious"], 0, stay_bits(walked["rule"])),
        enter=_numbers(enter),
        ends=_numbers(walked["ends"]),
        held=np.where(undone, _numbers(walked["ends"]), _numbers(enter)),
        stays=np.stack(kinds),
        grows=_numbers(grows),
        clean=_numbers(serious_over(known, enter)),
        grown=_numbers(serious_over(known, grows)),
    )


def _borders(org_ids: pd.Series) -> tuple[NDArray[np.object_], NDArray[np.int64]]:
    """The organisations in order, and where the facts of each begin (and the last end)."""
    changes = np.flatnonzero((org_ids != org_ids.shift()).to_numpy(dtype=bool))
    return org_ids.to_numpy(dtype=object)[changes], np.append(changes, len(org_ids)).astype(np.int64)


def _spans(state: NDArray[np.int64], leaves: NDArray[np.int64], grown: NDArray[np.bool_], flag: str) -> pd.DataFrame:
    """The stays on one list: place of the organisation, the fact in force and the first behind it, whether it grew, when it ends."""
    on = np.flatnonzero(state[:, 0] != OFF)
    columns = {"org": on, "last": state[on, 0], "first": state[on, 1], "grown": grown[on], "leaves": leaves[on]}
    return pd.DataFrame(columns).assign(flag=flag)


def _stays(
    known: Known, walked: pd.DataFrame, org: NDArray[np.object_], spans: pd.DataFrame, found: Found
) -> pd.DataFrame:
    """Every stay with each ground it rests on that evening, and the records behind it."""
    width = (spans["last"] - spans["first"] + 1).to_numpy()
    stay = np.repeat(np.arange(len(spans)), width)
    at = np.arange(width.sum()) - np.repeat(np.cumsum(width) - width, width) + spans["first"].to_numpy()[stay]
    facts = walked.iloc[at].assign(
        stay=stay,
        serious_stay=(spans["flag"] == SERIOUS).to_numpy(dtype=bool)[stay],
        grown=spans["grown"].to_numpy(dtype=bool)[stay],
        in_force=(walked["enter"].to_numpy()[at] == walked["enter"].to_numpy()[spans["last"].to_numpy()[stay]]),
    )
    facts = _named(facts.loc[facts["listed"]], known.today)
    facts["evidence"] = found.evidence(facts)
    told = facts.groupby(["stay", "ground"], sort=True)
    grounds = pd.DataFrame(
        {
            "evidence": told["evidence"].agg(lambda lists: [record for one in lists for record in one]),
            "unconfirmed": told["unconfirmed"].agg(lambda codes: ";".join(dict.fromkeys(filter(None, codes)))),
        }
    ).reset_index()
    begun = walked["enter"].iloc[spans["last"]].reset_index(drop=True)
    stays = spans.assign(
        org_id=pd.Series(org[spans["org"]], dtype="str"),
        listed_on=begun.where(~spans["grown"].astype(bool), grown(known, begun)),
        first_on=walked["enter"].iloc[spans["first"]].to_numpy(),
        clears_on=_days(spans["leaves"].to_numpy()),
        key="",
    )
    both = stays.merge(grounds, left_index=True, right_on="stay").astype({"ground": "str", "unconfirmed": "str"})
    return both.loc[:, list(STAY_COLUMNS)].reset_index(drop=True)


def _named(facts: pd.DataFrame, today: pd.Timestamp) -> pd.DataFrame:
    """Which facts of a stay name a ground of it.

    The abnormal list: those that started its term, and duties not done yet. The serious list: its own grounds; two full years on the other
    list are a ground by themselves, with all that lay behind them. A situation of the abnormal list that started a serious term again is
    shown with the grounds of that stay.
    """
    own = facts["serious"] == facts["serious_stay"]
    lasts = facts["in_force"] | ~(facts["ends"] <= today)
    has_own = (own & facts["serious_stay"]).groupby(facts["stay"]).transform("any")
    grown = facts["serious_stay"] & ~facts["serious"] & (facts["grown"] | ~has_own)
    named = facts.assign(ground=facts["ground"].mask(grown, "SL-01"))
    named = named.loc[(own & (facts["serious_stay"] | lasts)) | grown]
    again = facts.loc[facts["serious_stay"] & ~facts["serious"] & facts["in_force"] & ~grown].drop(columns="ground")
    again = again.merge(named.loc[:, ["stay", "ground"]].drop_duplicates(), on="stay")
    return pd.concat([named, again], ignore_index=True) if len(again) else named


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
