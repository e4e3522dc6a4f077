"""SL-07: certificate revoked or registration withdrawn (O60 art. 15(7)) 被吊销登记证书或者撤销成立登记."""

from __future__ import annotations

import pandas as pd

from ..facts import facts, together
from ..known import Known
from ..periods import stamp
from ..rule import O60_FROM, SERIOUS, Case, Clause, Rule, o60

KINDS = ("certificate_revoked", "registration_revoked")


def revocations(known: Known) -> pd.DataFrame:
    """Every revocation: by a decision, or by the register's status alone where no decision is on file."""
    orgs = known.organizations
    living = orgs.loc[orgs["status"] != "deregistered", "org_id"]
    rows = known.table("penalties")
    rows = rows.loc[rows["kind"].isin(KINDS) & rows["org_id"].isin(living) & (rows["decided_on"] >= stamp(O60_FROM))]
    by_decision = facts(rows, "SL-07", rows["decided_on"], table="penalties", values={"day": rows["decided_on"]})
    revoked = orgs.loc[(orgs["status"] == "revoked") & ~orgs["org_id"].isin(rows["org_id"])]
    since = revoked["status_on"].where(revoked["status_on"].notna(), revoked["recorded_at"].dt.floor("D"))
    revoked, since = revoked[since >= stamp(O60_FROM)], since[since >= stamp(O60_FROM)]
    by_status = facts(revoked, "SL-07", since, table="organizations", values={"day": since})
    return together([by_decision, by_status])


_ORG = {
    "org_id": "52440300000000001J",
    "org_type": "service_institution",
    "status": "active",
    "recorded_at": "2022-01-08",
}
_REVOKED = {
    "penalty_id": "P1",
    "org_id": "52440300000000001J",
    "decided_on": "2023-03-18",
    "kind": "registration_revoked",
    "recorded_at": "2023-03-18",
}

RULE = Rule(
    id="SL-07",
    flag=SERIOUS,
    zh="被登记管理机关吊销登记证书或者撤销成立登记",
    en="certificate revoked or registration withdrawn by the registration authority",
    citation=o60("十五", "七"),
    effective_from=O60_FROM,
    clauses=(Clause("revoked", "{day}被吊销或者撤销登记", "revoked on {day}"),),
    facts=revocations,
    needs_notice=False,
    cases=(
        Case("by decision", "2023-04-30", {"organizations": [_ORG], "penalties": [_REVOKED]}, ("2023-03-18",)),
        Case(
            "by the register's status alone",
            "2023-04-30",
            {"organizations": [_ORG | {"status": "revoked", "status_on": "2023-03-18", "recorded_at": "2023-03-18"}]},
            ("2023-03-18",),
        ),
        Case(
            "deregistered: nothing is asked any more",
            "2023-04-30",
            {"organizations": [_ORG | {"status": "deregistered"}]},
        ),
    ),
)
