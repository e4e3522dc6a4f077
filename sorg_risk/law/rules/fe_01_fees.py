"""FE-01 to FE-03: membership fees of industry associations (Guobanfa 2020-21)."""

from __future__ import annotations

import pandas as pd

from ..facts import Facts, facts
from ..instruments import FEES
from ..known import Known
from ..parameters import constant
from ..rule import ALERT, Case, Clause, Remedy, Rule
from ..scope import Scope
from ..worked import filing, given, org, report

TIERS = constant("fee_tiers", "会费档次上限", "tiers of a membership fee", "tiers", 4, FEES.at(), "R")
_INDUSTRY = Scope(industry=True)
_ORG = org(is_industry_association=True)


def latest_with(known: Known, column: str) -> pd.DataFrame:
    """The latest filing of each organisation (report or fee schedule) that tells a column."""
    rows = known.table("filings")
    rows = rows.loc[rows["filed_on"].notna() & rows[column].notna()]
    rows = rows.sort_values(["org_id", "filed_on", "filing_id"], kind="stable")
    return rows.drop_duplicates("org_id", keep="last").reset_index(drop=True)


def too_many_tiers(known: Known) -> Facts:
    """More tiers than the notice generally allows."""
    rows = latest_with(known, "fee_tiers")
    most = known.read(TIERS, rows["filed_on"])
    above = rows["fee_tiers"] > most.of()
    rows, most = rows.loc[above].reset_index(drop=True), most.rows(above)
    return facts(
        rows,
        "FE-01",
        rows["filed_on"],
        evidence="filings",
        values={"day": rows["filed_on"], "tiers": rows["fee_tiers"]},
        by=[most],
    )


def not_by_secret_ballot(known: Known) -> Facts:
    """The fee standard in force was not set by secret ballot."""
    rows = latest_with(known, "fee_by_secret_ballot")
    rows = rows.loc[~rows["fee_by_secret_ballot"].astype(bool)].reset_index(drop=True)
    return facts(rows, "FE-02", rows["filed_on"], evidence="filings", values={"day": rows["filed_on"]})


RULES = (
    Rule(
        id="FE-01",
        zh="行业协会商会会费档次一般不超过{fee_tiers}级",
        en="an industry association's membership fee has generally at most {fee_tiers} tiers",
        citation=FEES.at(),
        flag=ALERT,
        facts=too_many_tiers,
        reads=("filings",),
        scope=_INDUSTRY,
        parameters=(TIERS,),
        certainty="R",
        clauses=(
            Clause(
                "fee_tiers",
                "{day}报送的会费档次为{tiers}级，超过{fee_tiers}级",
                "{tiers} tiers by the filing of {day}, more than {fee_tiers}",
            ),
        ),
        remedies=(Remedy("reset_fees", "调整会费档次并重新报送", "reduce the tiers and file the standard again"),),
        cases=(
            Case("four tiers", "2025-06-30", given(_ORG, report(2024, fee_tiers=4))),
            Case(
                "five tiers",
                "2025-06-30",
                given(_ORG, report(2024, fee_tiers=5)),
                ("alert attention FE-01 2025-03-10",),
            ),
            Case(
                "reduced since",
                "2025-06-30",
                given(_ORG, report(2024, fee_tiers=5), filing("fee_schedule", "2025-05-06", fee_tiers=4)),
            ),
            Case("no industry association", "2025-06-30", given(org(), report(2024, fee_tiers=5))),
        ),
    ),
    Rule(
        id="FE-02",
        zh="会费标准须经会员（代表）大会无记名投票表决",
        en="the fee standard is set by secret ballot of the members' meeting",
        citation=FEES.at(),
        flag=ALERT,
        facts=not_by_secret_ballot,
        reads=("filings",),
        scope=_INDUSTRY,
        certainty="R",
        clauses=(
            Clause(
                "no_secret_ballot",
                "{day}报送的会费标准未经无记名投票表决",
                "the standard filed on {day} was not set by secret ballot",
            ),
        ),
        remedies=(
            Remedy("vote_again", "召开会员大会无记名投票重新制定会费标准", "set the standard again by secret ballot"),
        ),
        cases=(
            Case(
                "not by secret ballot",
                "2025-06-30",
                given(_ORG, filing("fee_schedule", "2025-02-06", fee_by_secret_ballot=False)),
                ("alert attention FE-02 2025-02-06",),
            ),
            Case(
                "by secret ballot",
                "2025-06-30",
                given(_ORG, filing("fee_schedule", "2025-02-06", fee_by_secret_ballot=True)),
            ),
            Case("unknown", "2025-06-30", given(_ORG, filing("fee_schedule", "2025-02-06"))),
        ),
    ),
    Rule(
        id="FE-03",
        zh="强制入会、只收费不服务、分支机构收取会费、收费返成",
        en="forced joining, fees without service, fees of branches, return-commission",
        citation=FEES.at(),
        works="person",
        works_zh="须由人决定：收费行为不在登记数据内",
        scope=_INDUSTRY,
        certainty="R",
    ),
)
