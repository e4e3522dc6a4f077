"""GO-10, GO-11: members and net assets below what registration asks for."""

from __future__ import annotations

from operator import itemgetter
from typing import Any

import numpy as np
import pandas as pd

from ..facts import Facts, facts, together
from ..instruments import REG_FD, REG_SG
from ..known import Known
from ..parameters import Reading, constant
from ..penalties import FEN, in_fen
from ..rule import ALERT, Case, Clause, Remedy, Rule
from ..scope import NATIONAL, Scope
from ..worked import FD, given, org, report

PERSONS = constant("members_persons", "个人会员数下限", "fewest members", "members", 50, REG_SG.at(10), "R")
UNITS = constant("members_units", "单位会员数下限", "fewest member units", "member units", 30, REG_SG.at(10), "R")
ASSOCIATION = constant(
    "funds_association",
    "社会团体活动资金（地方、全国）",
    "funds of an association (local, national)",
    "yuan",
    (30_000, 100_000),
    REG_SG.at(10),
    "U",
)
FOUNDATION = constant(
    "funds_foundation",
    "基金会原始基金（非公募、地方公募、全国公募）",
    "original fund of a foundation (non-public, local public, national public)",
    "yuan",
    (2_000_000, 4_000_000, 8_000_000),
    REG_FD.at(8),
    "U",
)


def few_members(known: Known) -> Facts:
    """Fewer members than registration asks for; those of an industry association are units."""
    rows = known.latest_reports
    industry = known.organizations.set_index("org_id")["is_industry_association"].fillna(False).astype(bool)
    units = industry.reindex(rows["org_id"]).to_numpy(dtype=bool)
    read = [known.read(parameter, rows["filed_on"]) for parameter in (UNITS, PERSONS)]
    line = np.where(units, read[0].of(), read[1].of())
    few = rows["members"] < line
    rows, by = rows.assign(line=line).loc[few].reset_index(drop=True), [one.rows(few) for one in read]
    values = {"year": rows["fiscal_year"].map("{:.0f}".format), "members": rows["members"], "line": rows["line"]}
    return facts(rows, "GO-10", rows["filed_on"], evidence="filings", values=values, by=by)


def few_funds(known: Known) -> Facts:
    """Net assets below the funds that registration asks for."""
    rows = known.latest_reports
    orgs = known.organizations.set_index("org_id").reindex(rows["org_id"]).reset_index()
    association, foundation = (known.read(one, rows["filed_on"]) for one in (ASSOCIATION, FOUNDATION))
    line = _line(orgs, association, foundation)
    low = pd.Series(in_fen(rows["net_assets"]) < line * FEN, index=rows.index)
    is_foundation = (orgs["org_type"] == "foundation").to_numpy(dtype=bool)
    return together(
        [
            _low_funds(rows.assign(line=line), low & mine, read)
            for mine, read in ((is_foundation, foundation), (~is_foundation, association))
        ]
    )


def _low_funds(rows: pd.DataFrame, low: pd.Series, read: Reading[Any]) -> Facts:
    """The facts of one type of organisation, by its own figures."""
    rows, read = rows.loc[low].reset_index(drop=True), read.rows(low)
    values = {"year": rows["fiscal_year"].map("{:.0f}".format), "net": rows["net_assets"], "line": rows["line"]}
    return facts(rows, "GO-11", rows["filed_on"], evidence="filings", values=values, by=[read])


def _line(
    orgs: pd.DataFrame, association: Reading[Any], foundation: Reading[Any]
) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """The funds each organisation had to bring."""
    national = (orgs["authority"] == NATIONAL).to_numpy(dtype=bool)
    public = orgs["has_public_fundraising"].fillna(False).to_numpy(dtype=bool)
    local, whole = (association.of(itemgetter(at)) for at in range(2))
    private, local_public, national_public = (foundation.of(itemgetter(at)) for at in range(3))
    is_foundation = (orgs["org_type"] == "foundation").to_numpy(dtype=bool)
    of_foundation = np.where(public, np.where(national, national_public, local_public), private)
    return np.where(is_foundation, of_foundation, np.where(national, whole, local)).astype(float)


RULES = (
    Rule(
        id="GO-10",
        zh="社会团体会员不少于{members_persons}个个人（或者{members_units}个单位、混合{members_persons}个）",
        en="an association has at least {members_persons} persons (or {members_units} units, or {members_persons} mixed) as members",
        citation=REG_SG.at(10),
        flag=ALERT,
        facts=few_members,
        reads=("filings",),
        scope=Scope(types=("association",)),
        parameters=(PERSONS, UNITS),
        certainty="R",
        clauses=(
            Clause(
                "members", "{year}年度会员{members}个，少于{line}个", "{members} members in {year}, fewer than {line}"
            ),
        ),
        remedies=(Remedy("gain_members", "发展会员达到法定数量", "gain members up to the legal number"),),
        cases=(
            Case("fifty", "2025-06-30", given(org(), report(2024, members=50))),
            Case(
                "forty-nine",
                "2025-06-30",
                given(org(), report(2024, members=49)),
                ("alert attention GO-10 2025-03-10",),
            ),
            Case(
                "an industry association of thirty units",
                "2025-06-30",
                given(org(is_industry_association=True), report(2024, members=30)),
            ),
            Case(
                "of twenty-nine",
                "2025-06-30",
                given(org(is_industry_association=True), report(2024, members=29)),
                ("alert attention GO-10 2025-03-10",),
            ),
        ),
    ),
    Rule(
        id="GO-11",
        zh="净资产低于登记所需活动资金（社会团体）或者原始基金（基金会）",
        en="net assets below the funds that registration asks for",
        citation=REG_SG.at(10),
        others=(REG_FD.at(8),),
        flag=ALERT,
        facts=few_funds,
        reads=("filings",),
        scope=Scope(types=("association", "foundation")),
        parameters=(ASSOCIATION, FOUNDATION),
        certainty="R",
        clauses=(
            Clause(
                "funds", "{year}年度净资产{net}元，低于{line}元", "net assets of {net} yuan in {year}, below {line}"
            ),
        ),
        remedies=(Remedy("restore_funds", "补足活动资金或者原始基金", "restore the funds"),),
        cases=(
            Case("an association with 30,000", "2025-06-30", given(org(), report(2024, net_assets=30_000.0))),
            Case(
                "a fen less, provisionally",
                "2025-06-30",
                given(org(), report(2024, net_assets=29_999.99)),
                ("alert attention GO-11 2025-03-10",),
            ),
            Case("a foundation with 2,000,000", "2025-06-30", given(org(FD), report(2024, FD, net_assets=2_000_000.0))),
            Case(
                "a fen less",
                "2025-06-30",
                given(org(FD), report(2024, FD, net_assets=1_999_999.99)),
                ("alert attention GO-11 2025-03-10",),
            ),
            Case(
                "one that raises funds publicly: 4,000,000",
                "2025-06-30",
                given(org(FD, has_public_fundraising=True), report(2024, FD, net_assets=3_999_999.99)),
                ("alert attention GO-11 2025-03-10",),
            ),
        ),
    ),
)
