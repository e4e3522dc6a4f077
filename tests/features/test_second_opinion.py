"""Real tables through mapping files, and foreign ones with every awkwardness: the panel's features against SQL and pandas."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pytest

from sorg_risk.features import features
from sorg_risk.model import panel
from sorg_risk.records import Source
from sorg_risk.records import open as open_source

SQL = """
WITH days AS (SELECT unnest($days::DATE[]) AS as_of),
seen AS (
  SELECT as_of, org_id, booked_on, direction, counterparty_id, fen, date_diff('day', booked_on, as_of) AS age, flow_id
  FROM flows, days WHERE recorded_on <= as_of AND booked_on <= as_of
),
year AS (SELECT * FROM seen WHERE age < 365),
pairs AS (
  SELECT as_of, org_id, direction, CAST(sum(fen) AS DOUBLE) AS fen FROM year WHERE counterparty_id IS NOT NULL
  GROUP BY as_of, org_id, direction, counterparty_id
),
others AS (
  SELECT as_of, org_id,
    count(*) FILTER (direction = 'in') AS payers_365d, count(*) FILTER (direction = 'out') AS payees_365d,
    sum(fen * fen) FILTER (direction = 'in') / sum(fen) FILTER (direction = 'in') ^ 2 AS payer_hhi_365d,
    sum(fen * fen) FILTER (direction = 'out') / sum(fen) FILTER (direction = 'out') ^ 2 AS payee_hhi_365d,
    max(fen) FILTER (direction = 'in') / sum(fen) FILTER (direction = 'in') AS payer_top_share_365d
  FROM pairs GROUP BY ALL
),
gaps AS (
  SELECT as_of, org_id, max(gap) AS flow_gap_365d FROM (
    SELECT as_of, org_id, date_diff('day', lag(booked_on) OVER (PARTITION BY as_of, org_id ORDER BY booked_on), booked_on) AS gap
    FROM year) GROUP BY ALL
),
whole AS (
  SELECT as_of, org_id,
    count(*) FILTER (age < 30) AS flows_30d, count(*) FILTER (age < 90) AS flows_90d, count(*) FILTER (age < 365) AS flows_365d,
    coalesce(sum(fen) FILTER (age < 365 AND direction = 'in'), 0) / 100 AS money_in_365d,
    coalesce(sum(fen) FILTER (age < 365 AND direction = 'out'), 0) / 100 AS money_out_365d,
    max(fen) FILTER (age < 365 AND direction = 'in') / 100 AS money_in_max_365d,
    max(fen) FILTER (age < 90 AND direction = 'out') / 100 AS money_out_max_90d,
    count(*) FILTER (age < 365 AND fen % 1000000 = 0) / nullif(count(*) FILTER (age < 365), 0) AS round_share_365d,
    min(age) AS flow_recency,
    (2 * coalesce(sum(fen) FILTER (age < 365 AND direction = 'in'), 0) - sum(fen) FILTER (age < 730 AND direction = 'in'))
      / nullif(sum(fen) FILTER (age < 730 AND direction = 'in'), 0) AS money_in_change_365d
  FROM seen GROUP BY ALL
)
SELECT * FROM whole LEFT JOIN others USING (as_of, org_id) LEFT JOIN gaps USING (as_of, org_id)
"""
ZERO_WHERE_EMPTY = [
    "flows_30d",
    "flows_90d",
    "flows_365d",
    "money_in_365d",
    "money_out_365d",
    "payers_365d",
    "payees_365d",
]


def _by_sql(flows: pd.DataFrame, days: list[str], found: pd.DataFrame) -> pd.DataFrame:
    """What SQL says of clean flows (org_id, booked_on, recorded_on, direction, fen, counterparty_id), in the rows of ``found``."""
    with duckdb.connect() as connection:
        connection.register("flows", flows)
        said = connection.execute(SQL, {"days": days}).df()
    said = said.assign(as_of=said["as_of"].astype("datetime64[s]")).set_index(["as_of", "org_id"]).astype("float64")
    said = said.reindex(found.index)
    said[ZERO_WHERE_EMPTY] = said[ZERO_WHERE_EMPTY].fillna(0.0)
    return said


def _agree(source: Source, flows: pd.DataFrame, days: list[str]) -> None:
    ours = features(source, days)
    said = _by_sql(flows, days, ours)
    assert said["flows_365d"].gt(0).any()
    exact = [name for name in said if "hhi" not in name]
    np.testing.assert_array_equal(ours[exact].to_numpy(), said[exact].to_numpy())
    pd.testing.assert_frame_equal(ours[said.columns], said, rtol=1e-12, check_exact=False)


def _opened(tables: dict[str, pd.DataFrame], mapping: str, tmp_path: Path) -> Source:
    """The tables as a folder of files with their mapping file."""
    for name, frame in tables.items():
        frame.to_parquet(tmp_path / f"{name}.parquet")
    (tmp_path / "mapping.toml").write_text(mapping, encoding="utf-8")
    return open_source(tmp_path, tmp_path / "mapping.toml")


PAYMENTS = """
code_scheme = "any"
[organizations]
from = "payments"
distinct = "VendorNum"
columns = { org_id = "VendorNum" }
constants = { org_type = "service_institution", status = "active" }
derive = { recorded_at = "min(Date)" }
[fund_flows]
from = "payments"
columns = { org_id = "VendorNum", booked_on = "Date", counterparty_id = "payer" }
derive = { flow_id = "text(line, 7)", recorded_at = "Date + 3 days", amount = "abs(Amount)", direction = 'if(Amount < 0, "out", "in")' }
"""


def test_payments_of_a_utility(real_data: Path, tmp_path: Path) -> None:
    raw = pd.read_parquet(real_data / "corporate_payments_2010" / "payments.parquet")
    raw = raw.assign(line=np.arange(len(raw)), payer=raw["InvNum"].str[:2])
    source = _opened({"payments": raw}, PAYMENTS, tmp_path)
    kept = raw[raw["Amount"].abs() > 0].reset_index(drop=True)
    assert len(source.tables["fund_flows"]) == len(kept)
    flows = pd.DataFrame(
        {
            "flow_id": kept["line"],
            "org_id": kept["VendorNum"],
            "booked_on": kept["Date"],
            "recorded_on": kept["Date"] + pd.Timedelta(days=3),
            "direction": np.where(kept["Amount"] < 0, "out", "in"),
            "fen": (kept["Amount"].abs() * 100).round().astype("int64"),
            "counterparty_id": kept["payer"],
        }
    )
    _agree(source, flows, ["2010-02-28", "2010-07-01", "2010-12-31"])


GRANTS = """
code_scheme = "any"
[organizations]
from = "grants"
distinct = "donor"
columns = { org_id = "donor", name = "donor" }
constants = { org_type = "foundation", status = "active" }
derive = { recorded_at = "min(donation_date)" }
[fund_flows]
from = "grants"
columns = { org_id = "donor", booked_on = "donation_date", counterparty_id = "donee", amount = "amount" }
constants = { direction = "out", purpose = "grant", counterparty_kind = "organization" }
derive = { flow_id = "text(line, 6)", recorded_at = "donation_date + 90 days" }
"""


def test_grants_of_foundations(real_data: Path, tmp_path: Path) -> None:
    raw = pd.read_parquet(real_data / "grants_dlw" / "grants.parquet")
    raw = raw[["donor", "donee", "amount", "donation_date"]].assign(line=np.arange(len(raw)))
    source = _opened({"grants": raw}, GRANTS, tmp_path)
    kept = raw[raw["donation_date"].notna() & (raw["amount"] > 0)].reset_index(drop=True)
    accepted = source.tables["fund_flows"]
    assert len(accepted) == len(kept)
    flows = pd.DataFrame(
        {
            "flow_id": kept["line"],
            "org_id": kept["donor"].str.strip(),
            "booked_on": kept["donation_date"],
            "recorded_on": kept["donation_date"] + pd.Timedelta(days=90),
            "direction": "out",
            "fen": (kept["amount"] * 100).round().astype("int64"),
            "counterparty_id": kept["donee"],
        }
    )
    _agree(source, flows, ["2012-12-31", "2018-06-30", "2021-12-31"])


STATEMENT = """
code_scheme = "any"
[organizations]
from = "statement"
distinct = "bank"
columns = { org_id = "bank" }
constants = { org_type = "foundation", status = "active" }
derive = { recorded_at = "min(date)" }
[fund_flows]
from = "statement"
columns = { org_id = "bank", booked_on = "date", recorded_at = "date", amount = "credit" }
constants = { direction = "in", purpose = "donation" }
derive = { flow_id = "text(line, 7)" }
"""


def test_statement_of_a_relief_appeal(real_data: Path, tmp_path: Path) -> None:
    raw = pd.read_parquet(real_data / "vn_relief_donations" / "statement_vietcombank.parquet")
    raw = raw[["bank", "date", "credit"]].assign(line=np.arange(len(raw)))
    source = _opened({"statement": raw}, STATEMENT, tmp_path)
    kept = raw[raw["credit"].fillna(0) > 0].reset_index(drop=True)
    flows = pd.DataFrame(
        {
            "flow_id": kept["line"],
            "org_id": kept["bank"],
            "booked_on": kept["date"],
            "recorded_on": kept["date"],
            "direction": "in",
            "fen": kept["credit"].astype("int64") * 100,
            "counterparty_id": pd.Series([None] * len(kept), dtype="str"),
        }
    )
    _agree(source, flows, ["2024-09-05", "2024-09-10", "2024-10-31"])


def test_filings_of_non_profits(real_data: Path, root: Path) -> None:
    raw = pd.read_parquet(real_data / "npo_us_cdc" / "filings_2010_2021.parquet")
    source = open_source({"filings_2010_2021": raw}, root / "notebooks" / "us_nonprofits" / "mapping.toml")
    days = ["2014-12-31", "2018-06-30", "2021-06-30"]
    ours = features(
        source, days, names=["reports_late_1095d", "annual_report_1095d", "report_recency", "days_late_max_ever"]
    )
    late = raw["received_date"] - raw["extended_due_date"] - pd.Timedelta(days=7)
    table = raw.assign(org_id=raw["ein"].astype("str"), late=late.dt.days)
    table = table[(table["received_date"] <= table["published_date"])]
    with duckdb.connect() as connection:
        connection.register("filings", table)
        said = connection.execute(
            """
            SELECT as_of, org_id, count(*) FILTER (late > 0 AND age < 1095) AS reports_late_1095d,
              count(*) FILTER (age < 1095) AS annual_report_1095d, min(age) AS report_recency, max(late) AS days_late_max_ever
            FROM (SELECT *, date_diff('day', received_date, as_of) AS age
              FROM filings, (SELECT unnest($days::DATE[]) AS as_of) WHERE published_date <= as_of
              QUALIFY row_number() OVER (PARTITION BY as_of, object_id ORDER BY published_date DESC) = 1)
            GROUP BY ALL
            """,
            {"days": days},
        ).df()
    said = said.assign(as_of=said["as_of"].astype("datetime64[s]")).set_index(["as_of", "org_id"]).astype("float64")
    pd.testing.assert_frame_equal(ours, said.reindex(ours.index)[ours.columns], check_exact=True)


FOREIGN = """
code_scheme = "any"
[organizations]
from = "机构"
columns = { org_id = "编号", org_type = "性质", recorded_at = "登记入库" }
values = { org_type = { "基金会" = "foundation", "协会" = "association" } }
constants = { status = "active" }
[fund_flows]
from = "交易明细"
columns = { org_id = "客户", booked_on = "交易时间", recorded_at = "入账时间", counterparty_id = "对手", voided = "冲销" }
values = { voided = { Y = "true", N = "false" } }
derive = { flow_id = "text(序号, 6)", amount = "abs(`发生额(元)`)", direction = 'if(`发生额(元)` < 0, "out", "in")' }
"""


def _transactions(rows: int) -> pd.DataFrame:
    """Signed money as text, moments with and without a time of day, empty counterparties, repeated lines; corrected, voided."""
    rng = np.random.default_rng(5)
    day = rng.integers(0, 850, rows)
    booked = (
        pd.Timestamp("2022-01-01")
        + pd.to_timedelta(day, unit="D")
        + pd.to_timedelta(rng.integers(0, 86_399, rows), unit="s")
    )
    late = pd.to_timedelta(rng.choice([0, 0, 1, 45, 300], rows), unit="D")
    fen = np.rint(np.exp(rng.normal(9, 3, rows))).astype(np.int64) + 1
    frame = pd.DataFrame(
        {
            "序号": np.arange(rows),
            "客户": rng.choice([f"K{n:02d}" for n in range(12)], rows),
            "交易时间": booked.strftime("%Y-%m-%d %H:%M:%S"),
            "入账时间": (booked + late).strftime("%Y-%m-%d"),
            "对手": rng.choice(["甲", "乙", "丙", "丁", None], rows),
            "发生额(元)": [
                f"{sign}{one // 100}.{one % 100:02d}" for sign, one in zip(rng.choice(["", "-"], rows), fen)
            ],
            "冲销": "N",
        }
    )
    frame.loc[::7, "交易时间"] = frame.loc[::7, "交易时间"].str[:10]
    corrected = frame.iloc[::50].assign(入账时间="2024-05-20", **{"发生额(元)": "-88.80"})
    voided = frame.iloc[7::60].assign(入账时间="2024-06-01 23:59:59", 冲销="Y")
    return pd.concat([frame, frame.iloc[::40], corrected, voided], ignore_index=True)


def test_foreign_transactions_at_cutoffs(tmp_path: Path) -> None:
    raw = _transactions(3_000)
    register = pd.DataFrame(
        {"编号": [f"K{n:02d}" for n in range(12)], "性质": ["基金会", "协会"] * 6, "登记入库": "2021-12-01"}
    )
    raw.to_csv(tmp_path / "交易明细.csv", index=False)
    register.to_csv(tmp_path / "机构.csv", index=False)
    (tmp_path / "mapping.toml").write_text(FOREIGN, encoding="utf-8")
    source = open_source(tmp_path, tmp_path / "mapping.toml")
    assert source.quarantine.empty

    days = ["2022-12-31", "2023-06-30", "2024-05-19", "2024-05-20", "2024-05-31", "2024-06-01", "2025-01-01"]
    outcome = pd.DataFrame({"org_id": ["K03"], "event_on": ["2023-09-01"]})
    found = panel(source, days, horizon_days=90, outcome=outcome, known_by=dt.date(2026, 1, 1))
    for day in days:
        ours = found.X.xs(pd.Timestamp(day), level="as_of")
        for org_id in ours.index:
            want = _by_hand(raw[raw["客户"] == org_id], dt.date.fromisoformat(day))
            got = ours.loc[org_id, list(want)].astype("float64").to_dict()
            assert got == pytest.approx(want, rel=1e-12, nan_ok=True), (day, org_id)
    label = pd.Series(found.y, index=found.X.index)
    assert label[label == 1].index.tolist() == [(pd.Timestamp("2023-06-30"), "K03")]


def _by_hand(rows: pd.DataFrame, day: dt.date) -> dict[str, float]:
    """Row by row: the newest version known, then every definition as it is written."""
    newest: dict[int, Any] = {}
    for one in rows.to_dict("records"):
        known, before = one["入账时间"][:10], newest.get(one["序号"])
        if known <= str(day) and (before is None or before["入账时间"][:10] < known):
            newest[one["序号"]] = one
    flows = [
        (
            (day - dt.date.fromisoformat(one["交易时间"][:10])).days,
            "out" if one["发生额(元)"].startswith("-") else "in",
            int(one["发生额(元)"].strip("-").replace(".", "")),
            one["对手"] if isinstance(one["对手"], str) else None,
        )
        for one in newest.values()
        if one["冲销"] == "N"
    ]
    year = [one for one in flows if one[0] < 365]
    out, come = ([one for one in year if one[1] == way] for way in ("out", "in"))
    payees: dict[str, int] = {}
    for _, _, fen, other in out:
        if other is not None:
            payees[other] = payees.get(other, 0) + fen
    whole = sum(payees.values())
    return {
        "flows_30d": sum(one[0] < 30 for one in flows),
        "flows_365d": len(year),
        "money_in_365d": sum(one[2] for one in come) / 100,
        "money_out_365d": sum(one[2] for one in out) / 100,
        "money_out_max_365d": max((one[2] for one in out), default=np.nan) / 100,
        "payees_365d": len(payees),
        "payee_hhi_365d": sum(fen * fen for fen in payees.values()) / whole**2 if whole else np.nan,
        "payee_top_share_365d": max(payees.values(), default=0) / whole if whole else np.nan,
        "flow_recency": min((one[0] for one in flows), default=np.nan),
    }
