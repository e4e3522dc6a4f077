"""GO-07: a change registered late; GO-08, GO-09: branches, which only a person can judge."""

from __future__ import annotations

from ...calendar.periods import DAY
from ..conduct import CONDUCT_YEARS, still_told
from ..facts import Facts, facts
from ..instruments import REG_SG, REG_SSI
from ..known import Known
from ..parameters import constant
from ..rule import ALERT, Case, Clause, Missing, Remedy, Rule
from ..scope import Scope
from ..worked import filing, given, org

CHANGE_DAYS = constant(
    "change_days",
    "申请变更登记的期限（自批准之日起；以登记数据所载到期日计算）",
    "time to apply for a change registration from its approval (counted by the day on record)",
    "days",
    30,
    REG_SG.at(18),
    "R",
)


def late_changes(known: Known) -> Facts:
    """Change registrations not applied for by their day: since the day after, until they were."""
    rows = known.table("filings")
    rows = rows.loc[(rows["kind"] == "change_registration") & rows["due_on"].notna()].reset_index(drop=True)
    due, unsure = known.calendar.moved(rows["due_on"])
    late = ~(rows["filed_on"] <= due) & (due < known.today)
    rows, due, unsure = rows[late], due[late], unsure[late]
    return facts(
        rows,
        "GO-07",
        due + DAY,
        evidence="filings",
        ends=rows["filed_on"],
        alert_until=still_told(known, rows["filed_on"]),
        unconfirmed=unsure.map({True: "calendar", False: ""}),
        form=rows["filed_on"].isna().map({True: "open", False: "late"}),
        values={"due": due, "filed": rows["filed_on"]},
    )


RULES = (
    Rule(
        id="GO-07",
        zh="登记事项变更应当自批准之日起{change_days}日内申请变更登记",
        en="a change is registered within {change_days} days of its approval",
        citation=REG_SG.at(18),
        others=(REG_SSI.at(15),),
        flag=ALERT,
        facts=late_changes,
        missing=(Missing("filings", ("change_registration",), columns=("due_on",)),),
        reads=("filings",),
        scope=Scope(types=("association", "service_institution")),
        parameters=(CHANGE_DAYS, CONDUCT_YEARS),
        certainty="R",
        clauses=(
            Clause("change_due", "变更登记期限为{due}", "the change was to be registered by {due}"),
            Clause("not_registered", "至今未申请", "it has not been applied for", "open"),
            Clause("registered_late", "{filed}才申请", "it was applied for only on {filed}", "late"),
        ),
        remedies=(Remedy("register_change", "申请变更登记", "apply for the change registration"),),
        cases=(
            Case(
                "on the last day",
                "2025-06-30",
                given(org(), filing("change_registration", "2025-05-06", due_on="2025-05-06")),
            ),
            Case(
                "a day late",
                "2025-06-30",
                given(org(), filing("change_registration", "2025-05-07", due_on="2025-05-06")),
                ("alert attention GO-07 2025-05-07",),
            ),
            Case(
                "not at all",
                "2025-06-30",
                given(org(), filing("change_registration", None, due_on="2025-05-06")),
                ("alert attention GO-07 2025-05-07",),
            ),
        ),
    ),
    Rule(
        id="GO-08",
        zh="分支机构下设分支机构、设立地域性分支机构或者冠以法人名称",
        en="branches of branches, territorial branches, branches named like a legal person",
        citation=REG_SG.at(17),
        works="person",
        works_zh="须由人决定：分支机构不在登记数据内",
        scope=Scope(types=("association",)),
        certainty="R",
    ),
    Rule(
        id="GO-09",
        zh="民办非企业单位不得设立分支机构",
        en="a service institution has no branches",
        citation=REG_SSI.at(13),
        works="person",
        works_zh="须由人决定：分支机构不在登记数据内",
        scope=Scope(types=("service_institution",)),
        certainty="R",
    ),
)
