"""What officers said of flags: confirmed, false alarm, overridden, each by name and for a time.

Verdicts and overrides come in as rows of ``procedures``. One refers to a flag by its id, or by organisation, list and
ground (list ``none`` without a ground: the early warning). It is shown beside the flag until it expires; it never takes a
statutory flag away, for that an objection must be granted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pandas as pd

if TYPE_CHECKING:
    from ..records import View

STEPS: Final = {"verdict_confirmed": "confirmed", "verdict_false_alarm": "false_alarm", "override": "override"}
COLUMNS: Final = ["verdict", "verdict_author", "verdict_on", "verdict_until"]
_LISTS: Final = {"abnormal_list": "abnormal", "serious_dishonesty_list": "serious_dishonesty"}


def verdicts(view: View) -> pd.DataFrame:
    """Verdicts that hold on the view's day: org_id, list, ground, refers_to, verdict, author, on, until; the newest last."""
    rows = view.table("procedures")
    rows = rows[rows["step"].isin(list(STEPS))]
    holds = rows["expires_on"].isna() | (rows["expires_on"] >= pd.Timestamp(view.day))
    rows = rows[holds].sort_values(["done_on", "recorded_at", "procedure_id"], kind="stable", ignore_index=True)
    return pd.DataFrame(
        {
            "org_id": rows["org_id"],
            "list": rows["list"].fillna("none"),
            "ground": rows["ground"].fillna(""),
            "refers_to": rows["refers_to"].fillna(""),
            "verdict": rows["step"].map(STEPS).astype("str"),
            "verdict_author": rows["author"],
            "verdict_on": rows["done_on"],
            "verdict_until": rows["expires_on"],
        }
    )


def beside(flags: pd.DataFrame, said: pd.DataFrame) -> pd.DataFrame:
    """The flags with the newest verdict on each in columns of their own; nothing is taken away."""
    by_id = said[said["refers_to"] != ""].drop_duplicates("refers_to", keep="last").set_index("refers_to")
    by_place = said.drop_duplicates(["org_id", "list", "ground"], keep="last").set_index(["org_id", "list", "ground"])
    lists = flags["flag"].map(_LISTS).fillna("none")
    places = pd.MultiIndex.from_arrays([flags["org_id"], lists, flags["ground"].fillna("")])
    found = {}
    for name in COLUMNS:
        direct = by_id[name].reindex(flags["flag_id"]).set_axis(flags.index)
        found[name] = direct.fillna(by_place[name].reindex(places).set_axis(flags.index))
    return flags.assign(**found)


def tally(view: View) -> pd.DataFrame:
    """Verdicts ever given as known on the view's day, by what they were on: list, confirmed, false_alarm, override.

    ``precision`` is confirmed of confirmed and false alarms: what a back-test holds its alarms against.
    """
    rows = view.table("procedures")
    rows = rows[rows["step"].isin(list(STEPS))]
    counts = pd.crosstab(rows["list"].fillna("none"), rows["step"].map(STEPS))
    counts = counts.reindex(columns=list(STEPS.values()), fill_value=0).rename_axis(index="list", columns=None)
    judged = counts["confirmed"] + counts["false_alarm"]
    return counts.assign(precision=counts["confirmed"] / judged.where(judged > 0))
