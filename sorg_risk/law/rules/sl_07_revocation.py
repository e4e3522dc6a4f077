"""SL-07: certificate revoked or registration withdrawn (O60 art. 15(7)) 被吊销登记证书或者撤销成立登记."""

from __future__ import annotations

from typing import Any

import pandas as pd

from ...records.lookups import looked_up, within
from ..facts import OR, Facts, facts, together
from ..instruments import O60
from ..known import Known
from ..penalties import penalties
from ..rule import SERIOUS, Case, Clause, Remedy, Rule
from ..worked import SSI, given, listing, org, penalty

STATUS = "status"
"""The name of the fact that the register tells; the first decision is the same fact."""
KINDS = ("certificate_revoked", "registration_revoked")


def revocations(known: Known) -> Facts:
    """Every revocation, until deregistration: by a decision, or by the register's status alone where no decision is on file."""
    orgs = known.organizations
    gone = orgs.loc[orgs["status"] == "deregistered"].set_index("org_id")["left_on"]
    rows = penalties(known, *KINDS)
    rows = rows.sort_values(["org_id", "decided_on", "penalty_id"], kind="stable", ignore_index=True)
    first = ~rows["org_id"].duplicated()
    by_decision = facts(
        rows,
        "SL-07",
        rows["decided_on"],
        evidence="penalties",
        ends=looked_up(rows["org_id"], gone),
        identity=rows["penalty_id"].where(~first, rows["penalty_id"] + OR + STATUS),
        form="decision",
        values={"day": rows["decided_on"]},
    )
    revoked = orgs.loc[(orgs["status"] == "revoked") & ~within(orgs["org_id"], rows["org_id"])].reset_index(drop=True)
    by_status = facts(
        revoked,
        "SL-07",
        revoked["left_on"],
        evidence="organizations",
        identity=pd.Series(STATUS, index=revoked.index),
        form="status",
        values={"day": revoked["left_on"]},
    )
    return together([by_decision, by_status])


_GONE: dict[str, Any] = {"status": "deregistered", "status_on": "2023-06-01", "recorded_at": "2023-06-01"}
_REVOKED: dict[str, Any] = {"status": "revoked", "status_on": "2023-03-18", "recorded_at": "2023-03-18"}
_DECISION = penalty("registration_revoked", "2023-03-18", SSI)

RULE = Rule(
    id="SL-07",
    zh="被登记管理机关吊销登记证书或者撤销成立登记",
    en="certificate revoked or registration withdrawn by the registration authority",
    citation=O60.at(15, 7),
    flag=SERIOUS,
    facts=revocations,
    needs_notice=False,
    holds=True,
    clauses=(
        Clause("revoked", "{day}被吊销登记证书或者撤销登记", "revoked on {day}", "decision"),
        Clause("status_revoked", "登记状态自{day}起为撤销/吊销", "revoked by the register since {day}", "status"),
    ),
    remedies=(Remedy("deregister", "依法清算并办理注销登记", "be liquidated and deregistered"),),
    cases=(
        Case(
            "by decision",
            "2023-04-30",
            given(org(SSI), _DECISION),
            ("serious_dishonesty_list recommend_listing SL-07 2023-03-18",),
        ),
        Case(
            "by the register's status alone",
            "2023-04-30",
            given(org(SSI, **_REVOKED)),
            ("serious_dishonesty_list recommend_listing SL-07 2023-03-18",),
        ),
        Case(
            "both: one fact",
            "2023-04-30",
            given(org(SSI, **_REVOKED), _DECISION),
            ("serious_dishonesty_list recommend_listing SL-07 2023-03-18",),
        ),
        Case(
            "years later, still: it does not pass by time",
            "2026-04-30",
            given(org(SSI, **_REVOKED), _DECISION),
            ("serious_dishonesty_list recommend_listing SL-07 2023-03-18",),
        ),
        Case("deregistered: nothing is asked any more", "2023-06-30", given(org(SSI, **_GONE), _DECISION)),
        Case(
            "listed, and deregistered since: removal, and nothing else",
            "2023-06-30",
            given(org(SSI, **_GONE), _DECISION, listing("2023-03-20", "SL-07", of=SSI)),
            ("serious_dishonesty_list recommend_removal SL-07 2023-06-01",),
        ),
    ),
)
