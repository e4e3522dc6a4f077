"""What officers said of flags: confirmed, false alarm, overridden, each by name and for a time.

Verdicts and overrides come in as rows of ``procedures``. One refers to a flag by its id, or by organisation, list and
ground (list ``none`` without a ground: the early warning); of several the newest counts. It is shown beside the flag until
it expires; it never takes a statutory flag away, for that an objection must be granted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from ..flags.attention import FLAG
from ..law.identity import flag_id

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..records import View

STEPS: Final = {"verdict_confirmed": "confirmed", "verdict_false_alarm": "false_alarm", "override": "override"}
COLUMNS: Final = ["verdict", "verdict_author", "verdict_on", "verdict_until"]
_YEAR: Final = 366
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
    """The flags with the newest verdict on each, whole, in columns of its own; nothing is taken away."""
    lists = flags["flag"].map(_LISTS).fillna("none")
    by_id = _last(said[said["refers_to"] != ""], ["org_id", "refers_to"], [flags["org_id"], flags["flag_id"]])
    at_large = said[~_of_one_flag(said, flags)]
    place = [flags["org_id"], lists, flags["ground"].fillna("")]
    row = np.fmax(by_id, _last(at_large, ["org_id", "list", "ground"], place))
    found = said[COLUMNS].reindex(pd.Index(row).fillna(-1).astype("int64"))
    return flags.assign(**{name: found[name].set_axis(flags.index) for name in COLUMNS})


def _last(said: pd.DataFrame, names: list[str], cells: list[pd.Series[Any]]) -> NDArray[np.float64]:
    """For each flag the number of the newest verdict that names its cells; missing where there is none."""
    newest = said.drop_duplicates(names, keep="last").set_index(names)
    numbers = pd.Series(said.drop_duplicates(names, keep="last").index, index=newest.index, dtype="float64")
    return numbers.reindex(pd.MultiIndex.from_arrays(cells)).to_numpy()


def _of_one_flag(said: pd.DataFrame, flags: pd.DataFrame) -> NDArray[np.bool_]:
    """Verdicts on one statutory flag by its id: without list and ground they say nothing of the early warning.

    The id of an early warning is of its day; a verdict on it stands for the warnings of the days that follow.
    """
    loose = said["list"].eq("none") & said["ground"].eq("")
    named = said["refers_to"].isin(flags["flag_id"]) | said["refers_to"].str.fullmatch("[0-9a-f]{16}")
    return np.array(
        [
            bool(here) and not _is_warning(org_id, refers_to, done_on)
            for here, org_id, refers_to, done_on in zip(
                loose & named, said["org_id"], said["refers_to"], said["verdict_on"], strict=True
            )
        ],
        dtype=bool,
    )


def _is_warning(org_id: str, refers_to: str, done_on: pd.Timestamp) -> bool:
    """Whether an id is that of the organisation's early warning of some day in the year before the verdict."""
    days = (done_on - pd.Timedelta(days=back) for back in range(_YEAR))
    return any(flag_id(org_id, FLAG, "attention", None, day) == refers_to for day in days)


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
