"""AL-06: cannot be contacted at the registered address: two special letters, both unsigned (O60 art. 11(6)) 通过登记的住所无法取得联系."""

from __future__ import annotations

from operator import itemgetter

import pandas as pd

from ...calendar.periods import latest
from ...records.lookups import looked_up
from ..absence import day_of
from ..facts import Facts, facts
from ..instruments import O60
from ..known import Known
from ..parameters import constant
from ..rule import ABNORMAL, Case, Clause, Missing, Remedy, Rule
from ..worked import Rows, given, inspection, org

INTERVAL = constant(
    "letter_interval",
    "两次专用信函的间隔（最短、最长）",
    "interval between the two letters (least, most)",
    "days",
    (15, 30),
    O60.at(11),
    "U",
)
LETTER = "special_letter"


def unreachable(known: Known) -> Facts:
    """Every stretch of unsigned letters that holds a pair with the right interval: since its second letter, until a letter was signed."""
    rows = known.table("inspections")
    rows = rows.loc[(rows["kind"] == LETTER) & rows["outcome"].isin(["signed", "unsigned"])]
    rows = rows.sort_values(["org_id", "issued_on", "inspection_id"], kind="stable", ignore_index=True)
    signed = rows["outcome"] == "signed"
    rows["run"] = signed.groupby(rows["org_id"]).cumsum()
    until = rows.loc[signed].set_index(["org_id", "run"])["issued_on"]
    letters = rows.loc[~signed, ["org_id", "run", "issued_on", "inspection_id"]]
    pairs = letters.merge(letters, on=["org_id", "run"], suffixes=("", "_second"))
    interval = known.read(INTERVAL, pairs["issued_on_second"])
    least, most = interval.of(itemgetter(0)), interval.of(itemgetter(1))
    pairs = pairs.loc[(pairs["issued_on_second"] - pairs["issued_on"]).dt.days.between(least, most)]
    named = pd.concat([pairs["inspection_id"], pairs["inspection_id_second"]]).rename("key")
    stretch = (
        pd.concat([pairs.loc[:, ["org_id", "run"]]] * 2)
        .assign(key=named)
        .drop_duplicates()
        .sort_values("key", kind="stable")
    )
    records = ("inspections:" + stretch["key"]).groupby([stretch["org_id"], stretch["run"]], sort=True).agg(list)
    first = pairs.sort_values(["issued_on_second", "issued_on"], kind="stable").drop_duplicates(["org_id", "run"])
    first = first.sort_values(["org_id", "run"], kind="stable", ignore_index=True)
    place = pd.MultiIndex.from_frame(first.loc[:, ["org_id", "run"]])
    follows = pd.MultiIndex.from_arrays([first["org_id"], first["run"] + 1])
    return facts(
        first,
        "AL-06",
        first["issued_on_second"],
        evidence=records.reindex(place).tolist(),
        ends=pd.Series(until.reindex(follows).to_numpy(), index=first.index, dtype="datetime64[s]"),
        known_on=_both_known(known, pairs, place),
        values={
            "first": first["issued_on"],
            "second": first["issued_on_second"],
            "days": (first["issued_on_second"] - first["issued_on"]).dt.days,
        },
        by=[known.read(INTERVAL, first["issued_on_second"])],
    )


def _both_known(known: Known, pairs: pd.DataFrame, place: pd.MultiIndex) -> pd.Series:
    """The first day on which both letters of any pair of each stretch were known."""
    seen = known.first_known("inspections")
    both = latest(looked_up(pairs["inspection_id"], seen), looked_up(pairs["inspection_id_second"], seen))
    return both.groupby([pairs["org_id"], pairs["run"]]).min().reindex(place).reset_index(drop=True)


def _letters(*days: str, last: str = "unsigned") -> Rows:
    outcomes = ["unsigned"] * (len(days) - 1) + [last]
    return given(
        org(), *(inspection(LETTER, day, outcome=outcome) for day, outcome in zip(days, outcomes, strict=True))
    )


RULE = Rule(
    id="AL-06",
    zh="通过登记的住所无法取得联系（两次专用信函均未签收）",
    en="cannot be contacted at the registered address (two special letters, both unsigned)",
    citation=O60.at(11, 6),
    flag=ABNORMAL,
    facts=unreachable,
    missing=(Missing("inspections", (LETTER,), after=day_of("first")),),
    reads=("inspections",),
    continuing=True,
    parameters=(INTERVAL,),
    clauses=(
        Clause("first_unsigned", "{first}寄出的专用信函未签收", "the special letter of {first} was not signed for"),
        Clause("second_unsigned", "间隔{days}日，{second}再寄仍未签收", "nor that of {second}, {days} days later"),
    ),
    remedies=(
        Remedy(
            "be_reachable", "恢复住所联系或者办理住所变更登记", "be reachable at the address, or register the new one"
        ),
    ),
    cases=(
        Case(
            "15 days apart",
            "2025-06-30",
            _letters("2025-05-05", "2025-05-20"),
            ("abnormal_list recommend_listing AL-06 2025-05-20",),
        ),
        Case("14 days apart", "2025-06-30", _letters("2025-05-05", "2025-05-19")),
        Case(
            "30 days apart",
            "2025-06-30",
            _letters("2025-05-05", "2025-06-04"),
            ("abnormal_list recommend_listing AL-06 2025-06-04",),
        ),
        Case("31 days apart: a stale pair", "2025-06-30", _letters("2025-05-05", "2025-06-05")),
        Case("the second was signed", "2025-06-30", _letters("2025-05-05", "2025-05-25", last="signed")),
        Case(
            "any two of three make the pair",
            "2025-06-30",
            _letters("2025-05-05", "2025-05-15", "2025-05-25"),
            ("abnormal_list recommend_listing AL-06 2025-05-25",),
        ),
        Case(
            "a later letter was signed: reachable again",
            "2025-06-30",
            _letters("2025-05-01", "2025-05-21", "2025-06-10", last="signed"),
        ),
    ),
)
