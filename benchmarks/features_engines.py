"""The same features by other engines: DuckDB by a two-level roll-up, polars streaming, and the bare scan of the columns.

Money is summed in fen, as whole numbers, by all of them; every result is one row an organisation, float64 columns.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

WINDOWS = (30, 90, 365)
BORDERS = (30, 61, 90, 122, 183, 244, 305, 365, 730)
"""Ages in days at which a flow leaves some window; sixths of the year serve the trends."""
SIXTHS = (61, 122, 183, 244, 305, 365)

PARTS = {
    "related": "is_related_party",
    "off": "account IN ('unregistered', 'cash')",
    "cash": "account = 'cash'",
    "person": "counterparty_kind = 'person'",
    "government": "counterparty_kind = 'government'",
    "charitable": "purpose = 'charitable_spending'",
    "management": "purpose = 'management'",
    "donation": "purpose = 'donation'",
    "investment": "purpose = 'investment'",
}
SHARES = {
    "cash_share_365d": ("cash", ""),
    "person_out_share_365d": ("person", "out"),
    "government_in_share_365d": ("government", "in"),
    "charitable_out_share_365d": ("charitable", "out"),
    "management_out_share_365d": ("management", "out"),
    "donation_in_share_365d": ("donation", "in"),
}


def names() -> list[str]:
    """Features of the catalogue that all engines compute."""
    volume = ("flows", "money_in", "money_out", "money_in_max", "money_out_max", "payees", "payers")
    parts = ("related_out", "related_share", "off_account_share", "round_share")
    shape = ("payee_hhi", "payer_hhi", "payee_top_share", "payer_top_share", "money_in_change", "money_out_change")
    more = ("money_in_trend", "money_out_trend", "loans_out", "investment_out")
    return [
        *(f"{name}_{days}d" for days in WINDOWS for name in (*volume, *parts)),
        *(f"{name}_365d" for name in (*shape, *more)),
        *SHARES,
        "flow_recency",
        "money_in_recency",
    ]


def scan(source: Path) -> None:
    """Reads every column the features need, and nothing else."""
    import duckdb

    columns = "org_id booked_on direction amount counterparty_id counterparty_kind is_related_party purpose account recorded_at"
    read = ", ".join(f"max({name})" for name in columns.split())
    duckdb.sql(f"SELECT {read} FROM read_parquet('{source}/fund_flows/*.parquet')").fetchall()


def duckdb_result(source: Path, day: dt.date, out: Path) -> None:
    """One day by DuckDB."""
    import duckdb

    duckdb.sql(f"COPY ({sql(source, day)}) TO '{out}' (FORMAT parquet)")


def sql(source: Path, day: dt.date) -> str:
    """The two-level roll-up: flows to slices of age, slices to windows; the pairs of payer and payee apart."""
    case = " ".join(f"WHEN age < {border} THEN {border}" for border in BORDERS)
    parts = ", ".join(f"sum(fen) FILTER ({where}) AS {name}" for name, where in PARTS.items())
    return f"""
WITH visible AS (
  SELECT *, date_diff('day', booked_on, DATE '{day}') AS age, CAST(round(amount * 100) AS BIGINT) AS fen
  FROM read_parquet('{source}/fund_flows/*.parquet')
  WHERE recorded_at <= DATE '{day}' AND booked_on <= DATE '{day}'
), slices AS (
  SELECT org_id, direction, CASE {case} ELSE 9999 END AS upto, count(*) AS rows, CAST(sum(fen) AS BIGINT) AS fen,
    max(fen) AS largest, min(age) AS age, count(*) FILTER (fen % 1000000 = 0) AS round,
    count(*) FILTER (purpose = 'loan') AS loans, {parts}
  FROM visible GROUP BY ALL
), pairs AS (
  SELECT org_id, direction, counterparty_id, min(age) AS age, CAST(sum(fen) AS DOUBLE) AS fen
  FROM visible WHERE age < 365 GROUP BY ALL
), flows AS (SELECT org_id, {", ".join(_of_slices())} FROM slices GROUP BY org_id),
others AS (SELECT org_id, {", ".join(_of_pairs())} FROM pairs GROUP BY org_id)
SELECT org_id, {", ".join(_finished())}
FROM read_parquet('{source}/organizations.parquet') LEFT JOIN flows USING (org_id) LEFT JOIN others USING (org_id)"""


def _of_slices() -> list[str]:
    found = []
    for days in (*WINDOWS, *SIXTHS, 730):
        for way in ("in", "out"):
            here = f"FILTER (upto <= {days} AND direction = '{way}')"
            found.append(f"sum(fen) {here} AS {way}_{days}")
            if days in WINDOWS:
                found += [f"sum({what}) {here} AS {what}_{way}_{days}" for what in ("rows", "round", "related", "off")]
                found.append(f"max(largest) {here} AS largest_{way}_{days}")
    for part in ("cash", "person", "government", "charitable", "management", "donation", "investment", "loans"):
        found += [f"sum({part}) FILTER (upto <= 365 AND direction = '{way}') AS {part}_{way}" for way in ("in", "out")]
    return [*dict.fromkeys(found), "min(age) AS age", "min(age) FILTER (direction = 'in') AS age_in"]


def _of_pairs() -> list[str]:
    found = []
    for way in ("in", "out"):
        for days in WINDOWS:
            found.append(f"count(*) FILTER (direction = '{way}' AND age < {days}) AS others_{way}_{days}")
        found.append(f"sum(fen * fen) FILTER (direction = '{way}') AS squares_{way}")
        found.append(f"max(fen) FILTER (direction = '{way}') AS top_{way}")
    return found


def _finished() -> list[str]:
    def zero(name: str) -> str:
        return f"coalesce({name}, 0)"

    def both(name: str, days: int) -> str:
        return f"({zero(f'{name}in_{days}')} + {zero(f'{name}out_{days}')})"

    def share(part: str, whole: str) -> str:
        return f"{part} / nullif(CAST({whole} AS DOUBLE), 0)"

    made: dict[str, str] = {}
    for days in WINDOWS:
        made[f"flows_{days}d"] = both("rows_", days)
        for way, others in (("in", "payers"), ("out", "payees")):
            made[f"money_{way}_{days}d"] = f"{zero(f'{way}_{days}')} / 100.0"
            made[f"money_{way}_max_{days}d"] = f"largest_{way}_{days} / 100.0"
            made[f"{others}_{days}d"] = zero(f"others_{way}_{days}")
        made[f"related_out_{days}d"] = f"{zero(f'related_out_{days}')} / 100.0"
        made[f"related_share_{days}d"] = share(zero(f"related_out_{days}"), f"out_{days}")
        made[f"off_account_share_{days}d"] = share(both("off_", days), both("", days))
        made[f"round_share_{days}d"] = share(both("round_", days), both("rows_", days))
    for way, others in (("in", "payer"), ("out", "payee")):
        made[f"{others}_hhi_365d"] = f"squares_{way} / (CAST({way}_365 AS DOUBLE) * {way}_365)"
        made[f"{others}_top_share_365d"] = share(f"top_{way}", f"{way}_365")
        now, all_ = zero(f"{way}_365"), zero(f"{way}_730")
        made[f"money_{way}_change_365d"] = share(f"(2 * {now} - {all_})", all_)
        upto = " + ".join(zero(f"{way}_{days}") for days in SIXTHS)
        made[f"money_{way}_trend_365d"] = share(f"(2 * ({upto}) - 7 * {now})", f"(5 * {now})")
    made["loans_out_365d"] = zero("loans_out")
    made["investment_out_365d"] = f"{zero('investment_out')} / 100.0"
    for name, (part, way) in SHARES.items():
        top = zero(f"{part}_{way}") if way else f"({zero(f'{part}_in')} + {zero(f'{part}_out')})"
        made[name] = share(top, f"{way}_365" if way else both("", 365))
    made["flow_recency"], made["money_in_recency"] = "age", "age_in"
    return [f"CAST({made[name]} AS DOUBLE) AS {name}" for name in names()]


def polars_result(source: Path, day: dt.date, out: Path) -> None:
    """One day by polars, streaming: the same two levels."""
    import polars as pl

    fen = (pl.col("amount") * 100).round().cast(pl.Int64)
    age = (pl.lit(day) - pl.col("booked_on")).dt.total_days()
    visible = (
        pl.scan_parquet(f"{source}/fund_flows/*.parquet")
        .filter((pl.col("recorded_at") <= day) & (pl.col("booked_on") <= day))
        .with_columns(fen=fen, age=age)
    )
    upto: Any = pl.when(pl.col("age") < BORDERS[0]).then(BORDERS[0])
    for border in BORDERS[1:]:
        upto = upto.when(pl.col("age") < border).then(border)
    parts = {name: (pl.sql_expr(where) * pl.col("fen")).sum() for name, where in PARTS.items()}
    slices = (
        visible.with_columns(upto=upto.otherwise(9999).cast(pl.Int32))
        .group_by("org_id", "direction", "upto")
        .agg(
            rows=pl.len(),
            fen_=pl.col("fen").sum(),
            largest=pl.col("fen").max(),
            age_=pl.col("age").min(),
            round=(pl.col("fen") % 1_000_000 == 0).sum(),
            loans=(pl.col("purpose") == "loan").sum(),
            **parts,
        )
        .rename({"fen_": "fen", "age_": "age"})
    )
    pairs = (
        visible.filter(pl.col("age") < 365)
        .group_by("org_id", "direction", "counterparty_id")
        .agg(age_=pl.col("age").min(), fen_=pl.col("fen").sum())
        .rename({"age_": "age"})
        .with_columns(fen=pl.col("fen_").cast(pl.Float64))
    )
    flows = slices.group_by("org_id").agg(**_of_slices_polars(pl))
    others = pairs.group_by("org_id").agg(**_of_pairs_polars(pl))
    register = pl.scan_parquet(f"{source}/organizations.parquet").select("org_id")
    whole = (
        register.join(flows, on="org_id", how="left").join(others, on="org_id", how="left").collect(engine="streaming")
    )
    pl.SQLContext(whole=whole).execute(f"SELECT org_id, {', '.join(_finished())} FROM whole", eager=True).write_parquet(
        out
    )


def _of_slices_polars(pl: Any) -> dict[str, Any]:
    def total(what: str, way: str, days: int) -> Any:
        here = (pl.col("upto") <= days) & (pl.col("direction") == way)
        return pl.when(here).then(pl.col(what)).otherwise(0).sum()

    def least(what: str, here: Any) -> Any:
        return pl.when(here).then(pl.col(what))

    found: dict[str, Any] = {}
    for days in (*WINDOWS, *SIXTHS, 730):
        for way in ("in", "out"):
            found[f"{way}_{days}"] = total("fen", way, days)
            if days in WINDOWS:
                for what in ("rows", "round", "related", "off"):
                    found[f"{what}_{way}_{days}"] = total(what, way, days)
                here = (pl.col("upto") <= days) & (pl.col("direction") == way)
                found[f"largest_{way}_{days}"] = least("largest", here).max()
    for part in ("cash", "person", "government", "charitable", "management", "donation", "investment", "loans"):
        for way in ("in", "out"):
            found[f"{part}_{way}"] = total(part, way, 365)
    found["age"] = pl.col("age").min()
    found["age_in"] = least("age", pl.col("direction") == "in").min()
    return found


def _of_pairs_polars(pl: Any) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for way in ("in", "out"):
        here = pl.col("direction") == way
        for days in WINDOWS:
            found[f"others_{way}_{days}"] = (here & (pl.col("age") < days)).sum()
        found[f"squares_{way}"] = pl.when(here).then(pl.col("fen") * pl.col("fen")).otherwise(0.0).sum()
        found[f"top_{way}"] = pl.when(here).then(pl.col("fen")).max()
    return found
