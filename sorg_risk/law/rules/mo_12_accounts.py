"""MO-12, MO-13: unfiled bank accounts; investments without a resolution, which only a person can judge."""

from __future__ import annotations

from ..conduct import CONDUCT_YEARS, still_told
from ..facts import Facts, facts
from ..instruments import CHARITY_2023, REG_FD, REG_SG, REG_SSI
from ..known import Known
from ..rule import ALERT, Case, Clause, Remedy, Rule
from ..scope import Scope
from ..worked import flow, given, org


def unfiled(known: Known) -> Facts:
    """Flows on an account that is not filed with the authority."""
    rows = known.table("fund_flows")
    rows = rows.loc[rows["account"] == "unregistered"].reset_index(drop=True)
    values = {"day": rows["booked_on"], "amount": rows["amount"]}
    return facts(
        rows,
        "MO-12",
        rows["booked_on"],
        evidence="fund_flows",
        ends=still_told(known, rows["booked_on"]),
        values=values,
    )


RULES = (
    Rule(
        id="MO-12",
        zh="使用未备案账户或者私人账户收付",
        en="money on an account that is not filed, or a private one",
        citation=REG_SG.at(16),
        others=(REG_SSI.at(14), REG_FD.at(14)),
        flag=ALERT,
        facts=unfiled,
        reads=("fund_flows",),
        parameters=(CONDUCT_YEARS,),
        certainty="R",
        clauses=(
            Clause(
                "unfiled_account", "{day}经未备案账户收付{amount}元", "{amount} yuan on an unfiled account on {day}"
            ),
        ),
        remedies=(
            Remedy(
                "file_account", "办理账户备案，将收支纳入法定账簿", "file the account and take the money into the books"
            ),
        ),
        cases=(
            Case(
                "received on an unfiled account",
                "2025-06-30",
                given(org(), flow("2025-03-03", 5_000.0, "in", account="unregistered")),
                ("alert attention MO-12 2025-03-03",),
            ),
            Case("a filed account", "2025-06-30", given(org(), flow("2025-03-03", 5_000.0, "in"))),
            Case(
                "cash is not an account", "2025-06-30", given(org(), flow("2025-03-03", 5_000.0, "in", account="cash"))
            ),
        ),
    ),
    Rule(
        id="MO-13",
        zh="重大投资未经三分之二以上同意，或者以政府资助、约定不得投资的财产投资",
        en="investment without a two-thirds resolution, or of government or no-investment money",
        citation=CHARITY_2023.at(55),
        works="person",
        works_zh="须由人决定：决议不在登记数据内",
        scope=Scope(charity=True),
        certainty="R",
    ),
)
