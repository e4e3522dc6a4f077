"""AL-01: annual report not filed in time or not to requirements (O60 art. 11(1)) 未按照规定时限和要求报送年度工作报告."""

from __future__ import annotations

import pandas as pd

from ...calendar.periods import DAY
from ..absence import same_year
from ..facts import Facts, facts, recorded
from ..instruments import O60
from ..known import Known
from ..rule import ABNORMAL, Case, Clause, Missing, Remedy, Rule
from ..worked import ELSEWHERE, FD, exemption, given, listing, org, report, reports

FAILED = ("missing", "late", "returned", "corrected", "late_accepted")


def late_reports(known: Known, ground: str = "AL-01") -> Facts:
    """Every report missed: since the day after the deadline, until it was accepted (if it was)."""
    reports = known.annual_reports
    missed = reports.loc[reports["state"].isin(FAILED)].reset_index(drop=True)
    state = missed["state"]
    ends = missed["accepted_on"].where(state.isin(["late_accepted", "corrected"]))
    since = missed["deadline"] + DAY
    return facts(
        missed,
        ground,
        since,
        evidence=_evidence(missed),
        beside=_report_before(known, missed),
        ends=ends,
        alert_until=known.next_report_due(missed["org_id"], ends.where(state == "late_accepted")),
        unconfirmed=missed["doubt"],
        form=state.astype("str"),
        values={
            "year": missed["fiscal_year"].map(lambda year: f"{year:.0f}"),
            "deadline": missed["deadline"],
            "filed": missed["filed_on"],
            "returned": missed["returned_on"],
            "accepted": missed["accepted_on"],
        },
    )


def _evidence(missed: pd.DataFrame) -> list[pd.Series]:
    """The filing that came late or was returned; of a missing one the organisation, with the empty row where there is one;
    and the delivered notice that sets the deadline."""
    filed = missed["key"].notna()
    return [
        recorded("organizations", missed["org_id"].mask(filed)),
        recorded("filings", missed["key"].where(filed, missed["empty_key"])),
        missed["notice"],
    ]


def _report_before(known: Known, missed: pd.DataFrame) -> pd.Series:
    """The last report before a year of which there is no row at all."""
    before = pd.merge_asof(
        missed.loc[:, ["org_id", "fiscal_year"]].assign(at=missed.index).sort_values("fiscal_year", kind="stable"),
        known.year_reports.loc[:, ["org_id", "fiscal_year", "filing_id"]].sort_values("fiscal_year", kind="stable"),
        on="fiscal_year",
        by="org_id",
    ).set_index("at")["filing_id"]
    without = missed["key"].isna() & missed["empty_key"].isna()
    return recorded("filings", before.reindex(missed.index).where(without))


MISSING = Missing("filings", ("annual_report",), same_year, columns=("due_on",))
_YEARS = reports(2020, 2021)

RULE = Rule(
    id="AL-01",
    zh="未按照规定时限和要求报送年度工作报告",
    en="annual work report not filed within the time and to the requirements",
    citation=O60.at(11, 1),
    flag=ABNORMAL,
    facts=late_reports,
    missing=(MISSING,),
    subject="annual_report",
    continuing=True,
    clauses=(
        Clause(
            "deadline_passed",
            "{year}年度工作报告的期限{deadline}已过",
            "the deadline {deadline} of the report of {year} has passed",
        ),
        Clause("not_filed", "期限内未报送", "nothing was filed", "missing"),
        Clause("filed_late", "{filed}才报送，尚未接收", "it was filed only on {filed} and is not accepted", "late"),
        Clause(
            "returned", "{returned}被退回，未按要求补正", "it was returned on {returned} and not corrected", "returned"
        ),
        Clause(
            "corrected",
            "{returned}被退回，{accepted}补正后接收",
            "it was returned on {returned}, corrected and accepted on {accepted}",
            "corrected",
        ),
        Clause(
            "late_accepted",
            "{filed}才报送，{accepted}接收",
            "filed only on {filed}, accepted on {accepted}",
            "late_accepted",
        ),
    ),
    remedies=(Remedy("file_report", "补报年度工作报告并经接收", "file the annual report and have it accepted"),),
    cases=(
        Case("the deadline itself is still in time", "2023-05-31", given(org(), _YEARS)),
        Case(
            "nothing filed: the ground arises the day after the deadline",
            "2023-06-10",
            given(org(), _YEARS),
            ("abnormal_list recommend_listing AL-01 2023-06-01",),
        ),
        Case(
            "filed on the last day, not accepted yet: in time",
            "2023-06-10",
            given(org(), _YEARS, report(2022, filed="2023-05-31")),
        ),
        Case(
            "filed a day late and not accepted",
            "2023-06-10",
            given(org(), _YEARS, report(2022, filed="2023-06-01")),
            ("abnormal_list recommend_listing AL-01 2023-06-01",),
        ),
        Case(
            "filed late but accepted, never listed: an alert until the next report is due",
            "2024-05-31",
            given(org(), _YEARS, report(2022, filed="2023-06-01", accepted_on="2023-06-20", recorded_at="2023-06-20")),
            ("alert attention AL-01 2023-06-01",),
        ),
        Case(
            "the same once the next report is overdue: only that one is spoken of",
            "2024-06-01",
            given(org(), _YEARS, report(2022, filed="2023-06-01", accepted_on="2023-06-20", recorded_at="2023-06-20")),
            ("abnormal_list recommend_listing AL-01 2024-06-01",),
        ),
        Case(
            "returned as not meeting the requirements and not corrected",
            "2023-07-10",
            given(org(), _YEARS, report(2022, filed="2023-05-10", returned_on="2023-06-20", recorded_at="2023-06-20")),
            ("abnormal_list recommend_listing AL-01 2023-06-01",),
        ),
        Case(
            "returned, corrected and accepted: in time",
            "2023-07-10",
            given(
                org(),
                _YEARS,
                report(
                    2022,
                    filed="2023-05-10",
                    returned_on="2023-05-20",
                    accepted_on="2023-06-28",
                    recorded_at="2023-06-28",
                ),
            ),
        ),
        Case(
            "a deadline on a Sunday moves to Monday",
            "2024-04-01",
            given(org(FD), reports(2020, 2021, 2022, of=FD)),
        ),
        Case(
            "and the day after is late",
            "2024-04-02",
            given(org(FD), reports(2020, 2021, 2022, of=FD)),
            ("abnormal_list recommend_listing AL-01 2024-04-02",),
        ),
        Case(
            "due_on overrides the calendar of the law",
            "2023-06-10",
            given(
                org(),
                _YEARS,
                (
                    "filings",
                    {
                        "org_id": org()[1]["org_id"],
                        "kind": "annual_report",
                        "fiscal_year": 2022,
                        "due_on": "2023-06-30",
                        "recorded_at": "2023-03-01",
                    },
                ),
            ),
        ),
        Case(
            "Shenzhen: registered on 31 December of the year, a report is owed",
            "2023-06-10",
            given(org(registered="2022-12-31")),
            ("abnormal_list recommend_listing AL-01 2023-06-01",),
        ),
        Case("registered a day later: none is", "2023-06-10", given(org(registered="2023-01-01"))),
        Case("elsewhere: registered on 1 July, none is", "2023-06-10", given(org(ELSEWHERE, "2022-07-01"))),
        Case(
            "elsewhere: registered on 30 June, one is",
            "2023-06-10",
            given(org(ELSEWHERE, "2022-06-30")),
            ("abnormal_list recommend_listing AL-01 2023-06-01",),
        ),
        Case(
            "two years missing share one row, the earlier gives the day",
            "2023-06-10",
            given(org(), report(2020)),
            ("abnormal_list recommend_listing AL-01 2022-06-01",),
        ),
        Case(
            "listed for the report of 2022; that of 2023 is missing too: a new situation, and no removal",
            "2024-06-10",
            given(
                org(),
                _YEARS,
                listing("2023-07-01", "AL-01"),
                report(2022, filed="2024-02-01", accepted_on="2024-02-20", recorded_at="2024-02-20"),
            ),
            ("abnormal_list listed AL-01 2023-07-01", "abnormal_list restart AL-01 2024-06-01"),
        ),
        Case(
            "a granted objection takes the year out by name",
            "2023-07-10",
            given(org(), _YEARS, exemption("objection", "AL-01:2022", "2023-07-01")),
        ),
        Case(
            "the same by the key of the report",
            "2023-07-10",
            given(
                org(),
                _YEARS,
                report(2022, filed="2023-06-10", filing_id="R"),
                exemption("objection", "R", "2023-07-01"),
            ),
        ),
        Case(
            "a certificate for a late report does not excuse the next one, that is missing",
            "2024-06-10",
            given(
                org(),
                _YEARS,
                report(2022, filed="2023-06-10", filing_id="R"),
                exemption("no_direct_responsibility", "R", "2023-07-01"),
            ),
            ("abnormal_list recommend_listing AL-01 2024-06-01",),
        ),
        Case(
            "returned and listed, corrected since: removal",
            "2023-09-10",
            given(
                org(),
                _YEARS,
                listing("2023-07-01", "AL-01"),
                report(
                    2022,
                    filed="2023-05-10",
                    returned_on="2023-06-10",
                    accepted_on="2023-08-20",
                    recorded_at="2023-08-20",
                ),
            ),
            ("abnormal_list listed AL-01 2023-07-01", "abnormal_list recommend_removal AL-01 2023-08-20"),
        ),
        Case(
            "listed only when the late report had been accepted: removal at once",
            "2023-09-10",
            given(
                org(),
                _YEARS,
                report(2022, filed="2023-06-10", accepted_on="2023-06-20", recorded_at="2023-06-20"),
                listing("2023-07-01", "AL-01"),
            ),
            ("abnormal_list listed AL-01 2023-07-01", "abnormal_list recommend_removal AL-01 2023-07-01"),
        ),
    ),
)
