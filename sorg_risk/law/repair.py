"""Credit repair 信用修复: how long a penalty is published, and from when it can be repaired, under the regimes of 2023 and 2026.

This clock runs from the date of the document and is kept apart from the lists' own: a granted repair removes nobody from a list by itself, and
a warning that the regime of 2026 does not publish at all still leads to the public abnormal list (O60 art. 11(5)).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pandas as pd

from ..calendar.periods import plus_months
from ..records.lookups import looked_up
from .instruments import REPAIR_2023, REPAIR_2026
from .parameters import Dated, Parameter, ReadOn

if TYPE_CHECKING:
    from .known import Known

MINOR, GENERAL, GRAVE = "minor", "general", "serious"
CLASS_OF: Final = {
    "warning": MINOR,
    "fine": GENERAL,
    "confiscation": GENERAL,
    "suspension": GENERAL,
    "change_revoked": GENERAL,
    "certificate_revoked": GRAVE,
    "registration_revoked": GRAVE,
}
"""By the kind of penalty, as the press summary of the regime has it; sector rules may refine."""
COLUMNS: Final = (
    "penalty_id",
    "org_id",
    "kind",
    "regime",
    "class",
    "from_day",
    "repairable_from",
    "ends_on",
    "repaired_on",
)


Months = dict[str, tuple[int, int]]
PUBLICATION: Final[Parameter[Months]] = Parameter(
    "publication_months",
    "失信信息公示的月数（最短、最长）",
    "months of publication of bad-credit information (least, most)",
    "months by class",
    (
        Dated(
            {MINOR: (3, 36), GENERAL: (3, 36), GRAVE: (3, 36)},
            REPAIR_2023.at(),
            REPAIR_2023.effective_from,
            REPAIR_2023.effective_to,
            certainty="M",
        ),
        Dated(
            {MINOR: (0, 3), GENERAL: (3, 12), GRAVE: (12, 36)},
            REPAIR_2026.at(),
            REPAIR_2026.effective_from,
            certainty="R",
        ),
    ),
    ReadOn.AS_OF,
)


def publication(known: Known) -> pd.DataFrame:
    """The publication of every penalty under the regime in force on the evening, counted from the date of the decision.

    Returns
    -------
    pandas.DataFrame
        penalty_id, org_id, kind, regime, class (minor, general, serious), from_day, repairable_from, ends_on (when publication stops by
        itself), repaired_on (a granted repair, missing: none); empty before the first regime.
    """
    regime = PUBLICATION.find(known.day)
    rows = known.table("penalties")
    rows = rows.loc[rows["kind"].isin(list(CLASS_OF)) & (regime is not None)].reset_index(drop=True)
    if regime is None:
        return pd.DataFrame({name: pd.Series(dtype=object) for name in COLUMNS})
    graded = rows["kind"].map(CLASS_OF)
    frame = pd.DataFrame(
        {
            "penalty_id": rows["penalty_id"],
            "org_id": rows["org_id"],
            "kind": rows["kind"],
            "regime": regime.citation.instrument.id,
            "class": graded.astype("str"),
            "from_day": rows["decided_on"],
            "repairable_from": _after(rows["decided_on"], graded, regime.value, 0),
            "ends_on": _after(rows["decided_on"], graded, regime.value, 1),
        }
    )
    repaired = known.exemptions.loc[known.exemptions["kind"] == "repair"]
    repaired = repaired.loc[repaired["table"].isin(["", "penalties"])]
    last = repaired.groupby("name")["granted_on"].max()
    return frame.assign(repaired_on=looked_up(frame["penalty_id"], last))


def _after(start: pd.Series, graded: pd.Series, months: Months, which: int) -> pd.Series:
    """The day on which the shortest (0) or longest (1) publication of each class is over."""
    over = pd.Series(pd.NaT, index=start.index, dtype="datetime64[s]")
    for name, spans in months.items():
        here = graded == name
        over[here] = plus_months(start[here], spans[which])
    return over
