"""MO-10, MO-11: related-party transactions: to be published by charities, forbidden with those who run a foundation."""

from __future__ import annotations

from typing import Any

import pandas as pd

from ...calendar.periods import DAY
from ...records.lookups import within
from ...records.widespread import without_widespread
from ..absence import day_of
from ..conduct import CONDUCT_YEARS, still_told
from ..facts import Facts, facts, recorded
from ..flows import relatives
from ..instruments import O81, REG_FD
from ..known import Known
from ..parameters import constant
from ..rule import ALERT, Case, Clause, Missing, Remedy, Rule
from ..scope import Scope
from ..worked import FD, filing, flow, given, org, post

DAYS = constant(
    "related_party_days",
    "公开关联交易的期限",
    "time to publish a related-party transaction",
    "days",
    30,
    O81.at(13),
    "R",
)
GOVERNING = ("director", "supervisor", "chair", "legal_representative", "secretary_general")
NO_TRANSACTION = ("donation", "membership_fee")
PAY = "staff_pay"


def unpublished(known: Known) -> Facts:
    """Related-party flows without any disclosure within thirty days (the first day is the next): since the day after them."""
    flows = known.table("fund_flows")
    flows = flows.loc[flows["is_related_party"].fillna(False).astype(bool)].reset_index(drop=True)
    days = known.read(DAYS, flows["booked_on"])
    deadline, unsure = known.calendar.moved(
        flows["booked_on"] + pd.to_timedelta(days.of(), unit="D").astype("timedelta64[s]")
    )
    published = known.table("filings").loc[
        lambda rows: (rows["kind"] == "disclosure") & rows["filed_on"].notna(), ["org_id", "filed_on"]
    ]
    following = (
        pd.merge_asof(
            flows.loc[:, ["org_id", "booked_on"]].assign(at=flows.index).sort_values("booked_on", kind="stable"),
            published.sort_values("filed_on", kind="stable"),
            left_on="booked_on",
            right_on="filed_on",
            by="org_id",
            direction="forward",
        )
        .set_index("at")["filed_on"]
        .sort_index()
    )
    late = (deadline < known.today) & ~(following <= deadline)
    rows, deadline, done, unsure = flows[late], deadline[late], following[late], unsure[late]
    return facts(
        rows,
        "MO-10",
        deadline + DAY,
        evidence="fund_flows",
        ends=done.astype("datetime64[s]"),
        alert_until=still_told(known, done),
        judged_on=rows["booked_on"],
        unconfirmed=unsure.map({True: "calendar", False: ""}),
        form=done.isna().map({True: "missing", False: "late"}),
        values={"day": rows["booked_on"], "amount": rows["amount"], "deadline": deadline, "filed": done},
        by=[days.rows(late)],
    )


def insiders(known: Known) -> Facts:
    """Flows between a foundation and its directors, supervisors or their relatives, other than gifts received and pay."""
    flows = known.table("fund_flows")
    gift = (flows["direction"] == "in") & flows["purpose"].isin(NO_TRANSACTION)
    foundations = known.organizations.loc[lambda orgs: orgs["org_type"] == "foundation", "org_id"]
    flows = flows.loc[within(flows["org_id"], foundations) & ~gift & (flows["purpose"] != PAY)]
    flows = flows.loc[flows["counterparty_id"].notna()]
    posts = known.table("positions")
    posts = posts.loc[within(posts["org_id"], flows["org_id"]) & posts["role"].isin(GOVERNING)]
    met = _with(flows, without_widespread(known.view, posts, "person_id"), "person_id")
    others = known.view.gathered(relatives).loc[:, ["kin_group", "person_id"]].drop_duplicates()
    kin = without_widespread(known.view, posts.dropna(subset="kin_group"), "kin_group").merge(
        without_widespread(known.view, others, "person_id"),
        on="kin_group",
        suffixes=("", "_kin"),
    )
    related = _with(flows, kin.loc[kin["person_id"] != kin["person_id_kin"]], "person_id_kin")
    marked = flows.loc[
        (flows["counterparty_kind"] == "person") & flows["is_related_party"].fillna(False).astype(bool)
    ].assign(position_id=None)
    both = pd.concat([part for part in (met, related, marked) if len(part)] or [met], ignore_index=True)
    both = both.drop_duplicates("flow_id").sort_values("flow_id", kind="stable", ignore_index=True)
    return facts(
        both,
        "MO-11",
        both["booked_on"],
        evidence=[recorded("fund_flows", both["flow_id"]), recorded("positions", both["position_id"])],
        ends=still_told(known, both["booked_on"]),
        values={"day": both["booked_on"], "amount": both["amount"]},
    )


def _with(flows: pd.DataFrame, posts: pd.DataFrame, person: str) -> pd.DataFrame:
    """Flows whose counterparty is the person of a post of the same organisation, held on the day."""
    held = posts.loc[:, ["org_id", person, "started_on", "ended_on", "position_id"]]
    met = flows.merge(held, left_on=["org_id", "counterparty_id"], right_on=["org_id", person])
    during = ~(met["booked_on"] < met["started_on"]) & ~(met["booked_on"] > met["ended_on"])
    return met.loc[during, [*flows.columns, "position_id"]]


_CHARITY = org(FD, is_charity=True)
_RELATED: dict[str, Any] = {
    "is_related_party": True,
    "counterparty_kind": "enterprise",
    "counterparty_id": "C1",
    "purpose": "service_fee",
}
_PERSON: dict[str, Any] = {"counterparty_kind": "person", "counterparty_id": "P1", "purpose": "service_fee"}

RULES = (
    Rule(
        id="MO-10",
        zh="慈善组织关联交易等应当在{related_party_days}日内公开",
        en="a charity publishes related-party transactions within {related_party_days} days",
        citation=O81.at(13),
        flag=ALERT,
        facts=unpublished,
        missing=(Missing("filings", ("disclosure",), after=day_of("day")),),
        reads=("fund_flows",),
        scope=Scope(charity=True),
        parameters=(DAYS, CONDUCT_YEARS),
        certainty="R",
        clauses=(
            Clause(
                "related_party", "{day}发生关联交易{amount}元", "a related-party transaction of {amount} yuan on {day}"
            ),
            Clause("not_published", "至{deadline}未公开", "not published by {deadline}", "missing"),
            Clause(
                "published_late",
                "{filed}才公开，期限为{deadline}",
                "published only on {filed}, due by {deadline}",
                "late",
            ),
        ),
        remedies=(Remedy("publish", "补充公开关联交易", "publish the transaction now"),),
        cases=(
            Case(
                "day 30 is in time",
                "2026-06-30",
                given(_CHARITY, flow("2026-03-02", 5_000.0, of=FD, **_RELATED), filing("disclosure", "2026-04-01", FD)),
            ),
            Case(
                "day 31 is late",
                "2026-06-30",
                given(_CHARITY, flow("2026-03-02", 5_000.0, of=FD, **_RELATED), filing("disclosure", "2026-04-02", FD)),
                ("alert attention MO-10 2026-04-02",),
            ),
            Case(
                "thirty days are not over",
                "2026-04-01",
                given(_CHARITY, flow("2026-03-02", 5_000.0, of=FD, **_RELATED)),
            ),
            Case(
                "they are over",
                "2026-04-02",
                given(_CHARITY, flow("2026-03-02", 5_000.0, of=FD, **_RELATED)),
                ("alert attention MO-10 2026-04-02",),
            ),
            Case("not before 2026", "2026-04-02", given(_CHARITY, flow("2025-12-31", 5_000.0, of=FD, **_RELATED))),
            Case(
                "an unrelated one",
                "2026-04-02",
                given(_CHARITY, flow("2026-03-02", 5_000.0, of=FD, **_RELATED | {"is_related_party": False})),
            ),
        ),
    ),
    Rule(
        id="MO-11",
        zh="基金会理事、监事及其近亲属不得与基金会有任何交易行为",
        en="directors and supervisors of a foundation and their relatives have no transactions with it",
        citation=REG_FD.at(23),
        flag=ALERT,
        facts=insiders,
        reads=("fund_flows",),
        scope=Scope(types=("foundation",)),
        parameters=(CONDUCT_YEARS,),
        certainty="R",
        clauses=(
            Clause(
                "insider",
                "{day}与理事、监事或者其近亲属交易{amount}元",
                "a transaction of {amount} yuan with a director, supervisor or relative on {day}",
            ),
        ),
        cases=(
            Case(
                "paid to a director",
                "2025-06-30",
                given(org(FD), post("director", FD), flow("2025-03-03", 5_000.0, of=FD, **_PERSON)),
                ("alert attention MO-11 2025-03-03",),
            ),
            Case(
                "a gift from a director is no transaction",
                "2025-06-30",
                given(
                    org(FD),
                    post("director", FD),
                    flow("2025-03-03", 5_000.0, "in", of=FD, **_PERSON | {"purpose": "donation"}),
                ),
            ),
            Case(
                "paid to another person",
                "2025-06-30",
                given(org(FD), post("director", FD, "P2"), flow("2025-03-03", 5_000.0, of=FD, **_PERSON)),
            ),
            Case(
                "before the post began",
                "2025-06-30",
                given(
                    org(FD), post("director", FD, started="2025-04-01"), flow("2025-03-03", 5_000.0, of=FD, **_PERSON)
                ),
            ),
            Case(
                "paid to a relative of a supervisor",
                "2025-06-30",
                given(
                    org(FD),
                    post("supervisor", FD, "P2", kin_group="K"),
                    post("finance", FD, "P1", kin_group="K"),
                    flow("2025-03-03", 5_000.0, of=FD, **_PERSON),
                ),
                ("alert attention MO-11 2025-03-03",),
            ),
            Case(
                "not in an association",
                "2025-06-30",
                given(org(), post("director"), flow("2025-03-03", 5_000.0, **_PERSON)),
            ),
        ),
    ),
)
