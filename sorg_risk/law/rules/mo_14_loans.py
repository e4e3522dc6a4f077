"""MO-14: loans of a foundation, regular or large (Provisions on the conduct of foundations 2(5)); the line is a parameter, provisional."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ...calendar.periods import plus_months
from ..conduct import CONDUCT_YEARS, still_told
from ..facts import Facts, facts
from ..instruments import FD_CONDUCT
from ..known import Known
from ..parameters import Reading, constant
from ..penalties import in_fen
from ..rule import ALERT, Case, Clause, Remedy, Rule
from ..scope import Scope
from ..worked import FD, Rows, flow, given, org, report

if TYPE_CHECKING:
    from numpy.typing import NDArray

COUNT = constant(
    "loans_count",
    "期限内对外借款笔数",
    "outgoing loans within the months",
    "loans",
    3,
    FD_CONDUCT.at("二", 5),
    "U",
)
SHARE = constant(
    "loans_share", "借款占净资产的比例", "loans as a share of net assets", "%", 10.0, FD_CONDUCT.at("二", 5), "U"
)
MONTHS = constant(
    "loans_months",
    "对外借款合并计算的月数",
    "months whose loans count together",
    "months",
    12,
    FD_CONDUCT.at("二", 5),
    "U",
)


def loans(known: Known) -> Facts:
    """Every outgoing loan that with those of the twelve months before it makes three, or more than a tenth of the latest net assets."""
    rows = known.table("fund_flows")
    rows = rows.loc[(rows["direction"] == "out") & (rows["purpose"] == "loan")]
    rows = rows.sort_values(["org_id", "booked_on", "flow_id"], kind="stable", ignore_index=True)
    months, count, share = (known.read(one, rows["booked_on"]) for one in (MONTHS, COUNT, SHARE))
    first = _first_within(rows, months)
    fen = np.append(0, np.cumsum(in_fen(rows["amount"])))
    last = np.arange(1, len(rows) + 1)
    told = rows.assign(first=first, last=last, count=last - first, fen=fen[last] - fen[first])
    reports = known.latest_reports.set_index("org_id")
    net = pd.Series(in_fen(reports["net_assets"].reindex(told["org_id"])), index=told.index)
    many = told["count"] >= count.of()
    above = many | (told["fen"] * 100 > share.of() * net)
    told = told.assign(net=net, form=np.where(many, "many", "large"))[above].reset_index(drop=True)
    names = ("fund_flows:" + rows["flow_id"]).to_numpy(dtype=object)
    return facts(
        told,
        "MO-14",
        told["booked_on"],
        evidence=[names[a:b].tolist() for a, b in zip(told["first"], told["last"], strict=True)],
        ends=still_told(known, told["booked_on"]),
        form=told["form"],
        values={"day": told["booked_on"], "count": told["count"], "sum": told["fen"] / 100, "net": told["net"] / 100},
        by=[one.rows(above) for one in (months, count, share)],
    )


def _first_within(rows: pd.DataFrame, months: Reading[int]) -> NDArray[np.intp]:
    """Place of the first loan of the months up to each; loans are in order of organisation and day, so windows only move forward."""
    owner = pd.factorize(rows["org_id"])[0].astype(np.int64) << 32
    booked, first = owner + _days(rows["booked_on"]), np.zeros(len(rows), dtype=np.intp)
    for count, here in months.groups():
        over = owner + _days(plus_months(rows["booked_on"], count))
        first[here] = np.searchsorted(over, booked[here], side="right")
    return first


def _days(days: pd.Series[pd.Timestamp]) -> NDArray[np.int64]:
    return days.to_numpy(dtype="datetime64[D]").astype(np.int64)


def _lent(*loans_: tuple[str, float], net: float | None = 1_000_000.0) -> Rows:
    flows = [flow(day, amount, of=FD, purpose="loan", counterparty_kind="enterprise") for day, amount in loans_]
    return given(org(FD), report(2024, FD, net_assets=net), flows)


RULE = Rule(
    id="MO-14",
    zh="基金会不得向个人、企业提供与公益活动无关的经常性、大额借款",
    en="a foundation gives no regular or large loans unrelated to its purpose",
    citation=FD_CONDUCT.at("二", 5),
    flag=ALERT,
    facts=loans,
    reads=("fund_flows",),
    scope=Scope(types=("foundation",)),
    parameters=(MONTHS, COUNT, SHARE, CONDUCT_YEARS),
    clauses=(
        Clause(
            "many_loans",
            "至{day}的{loans_months}个月内对外借款{count}笔，共{sum}元",
            "{count} loans within the {loans_months} months to {day}, {sum} yuan in all",
            "many",
        ),
        Clause(
            "large_loans",
            "至{day}的{loans_months}个月内对外借款{sum}元，超过净资产{net}元的{loans_share}%",
            "loans of {sum} yuan within the {loans_months} months to {day}, above {loans_share}% of the net assets of {net}",
            "large",
        ),
    ),
    remedies=(Remedy("recover_loans", "收回借款", "recover the loans"),),
    cases=(
        Case("two small loans", "2025-06-30", _lent(("2025-01-02", 1_000.0), ("2025-02-03", 1_000.0))),
        Case(
            "three within twelve months",
            "2025-06-30",
            _lent(("2024-04-02", 1.0), ("2025-02-03", 1.0), ("2025-04-01", 1.0)),
            ("alert attention MO-14 2025-04-01",),
        ),
        Case(
            "the third when the twelve months are over",
            "2025-06-30",
            _lent(("2024-04-01", 1.0), ("2025-02-03", 1.0), ("2025-04-01", 1.0)),
        ),
        Case("exactly a tenth of the net assets", "2025-06-30", _lent(("2025-01-02", 100_000.0))),
        Case(
            "a fen above it",
            "2025-06-30",
            _lent(("2025-01-02", 60_000.0), ("2025-03-03", 40_000.01)),
            ("alert attention MO-14 2025-03-03",),
        ),
        Case("net assets unknown", "2025-06-30", _lent(("2025-01-02", 900_000.0), net=None)),
    ),
)
