"""From nothing to a register: draw the causes, let every table follow, plant the stories, write it all down."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from ..errors import UsageError
from .causes import Causes, draw_causes, expected_auc, foreseen, year_ahead
from .clock import END, START, day
from .codes import NUMBERS
from .decisions import draw_assessments, draw_exemptions, draw_listings
from .filings import draw_filings, draw_reports
from .flows import draw_flows
from .notices import draw_notices
from .people import draw_offices
from .population import STORIES, Population, populate
from .register import draw_register
from .stories import plant
from .trouble import draw_complaints, draw_inspections, draw_penalties

MARK = "SIMULATED DATA 模拟数据: no organisation, person or event in this folder exists.\n"
_JUDGED = tuple(f"{year}-10-31" for year in range(2018, 2026))
_LEAST = STORIES + 1
_ENDING = {
    "filings": "filed_on",
    "complaints": "received_on",
    "fund_flows": "booked_on",
    "inspections": "issued_on",
    "procedures": "done_on",
}


class Registry(dict[str, pd.DataFrame]):
    """Table name → DataFrame, as :func:`sorg_risk.open` takes it, with the planted ``answers``.

    ``answers`` holds: ``simulated`` (True), ``marker``, ``seed``, ``orgs``, ``history`` (first and last day),
    ``stories`` (organisation, finding, expected rules and flags), ``new_ground_rate`` (the true share with a new
    listing ground a year), ``best_auc`` (mean over the as-of days in ``best_auc_by_day``: what ranking by the true risk
    of the year ahead, as every hidden cause stands on the day, would be expected to reach; a model that comes near must
    be doubted) and ``best_auc_with_hindsight_by_day`` (knowing also how the causes will move).
    """

    answers: dict[str, Any]


def simulate(orgs: int, seed: int = 0, *, flows_per_org: float = 75.0) -> Registry:
    """A simulated register of social organisations from 2016-11-01 to 2026-10-31, with known answers.

    Parameters
    ----------
    orgs
        Number of organisations, at least 4 (three are the planted stories) and at most a million.
    seed
        Same seed, same tables.
    flows_per_org
        Mean number of fund flows of an organisation that is present and busy for the whole decade.

    Raises
    ------
    UsageError
        Too few or too many organisations, or a negative number of flows.

    Examples
    --------
    >>> registry = simulate(20, seed=1)
    >>> registry["organizations"]["name"].str.startswith("模拟").all()
    np.True_
    >>> sorted(registry.answers["stories"])
    ['fee_scandal', 'pass_through_foundation', 'zombie_association']
    """
    if not _LEAST <= orgs <= NUMBERS:
        raise UsageError.outside("number of simulated organisations", orgs, _LEAST, NUMBERS)
    if not 0 <= flows_per_org <= 10_000:
        raise UsageError.outside("fund flows per organisation", flows_per_org, 0, 10_000)
    population = populate(orgs, seed)
    causes = draw_causes(population, seed)
    registry = Registry(_tables(population, causes, seed, flows_per_org))
    stories = plant(registry, population)
    registry.answers = _answers(population, causes, seed, stories)
    return registry


def _tables(population: Population, causes: Causes, seed: int, flows_per_org: float) -> dict[str, pd.DataFrame]:
    reports = draw_reports(population, causes, seed)
    flows = draw_flows(population, causes, seed, flows_per_org)
    positions, elections = draw_offices(population, causes, seed)
    filings = draw_filings(population, causes, reports, flows, seed)
    inspections = draw_inspections(population, causes, seed)
    penalties = draw_penalties(population, causes, seed)
    listings, procedures = draw_listings(population, reports, penalties, inspections, causes, seed)
    tables = {
        "organizations": draw_register(population, causes, seed),
        "filings": pd.concat([filings, elections], ignore_index=True),
        "complaints": draw_complaints(population, causes, seed),
        "fund_flows": flows,
        "penalties": penalties,
        "inspections": inspections,
        "positions": positions,
        "listings": listings,
        "assessments": draw_assessments(population, causes, seed),
        "exemptions": draw_exemptions(population, reports, penalties, seed),
        "procedures": procedures,
        "report_notices": draw_notices(),
    }
    for name, event in _ENDING.items():
        tables[name] = _while_there(tables[name], event, population, causes)
    return tables


def _while_there(table: pd.DataFrame, event: str, population: Population, causes: Causes) -> pd.DataFrame:
    """Without the rows whose event would fall on or after the day the organisation left the register."""
    place = pd.Index(population.org_id).get_indexer(pd.Index(table["org_id"]))
    happened = table[event].to_numpy().astype("datetime64[D]").astype(np.int64)
    return table[happened < causes.ended[place]].reset_index(drop=True)


def _answers(population: Population, causes: Causes, seed: int, stories: dict[str, Any]) -> dict[str, Any]:
    best, hindsight, risks = {}, {}, []
    for text in _JUDGED:
        on = day(text)
        risk = year_ahead(population, causes, on)[:-STORIES]
        known = year_ahead(population, foreseen(causes, on), on)[:-STORIES]
        best[text] = round(expected_auc(risk, known), 6)
        hindsight[text] = round(expected_auc(risk), 6)
        risks.append(risk[~np.isnan(risk)])
    pooled = np.concatenate(risks)
    return {
        "simulated": True,
        "marker": MARK.strip(),
        "seed": seed,
        "orgs": len(population),
        "history": [str(np.datetime64(START, "D")), str(np.datetime64(END, "D"))],
        "best_auc": round(float(np.mean(list(best.values()))), 6),
        "best_auc_by_day": best,
        "best_auc_with_hindsight_by_day": hindsight,
        "new_ground_rate": round(float(pooled.mean()), 6) if len(pooled) else 0.0,
        "stories": stories,
    }


def write(registry: Registry, folder: str | Path) -> Path:
    """Write one parquet file a table, ``answers.json`` and ``SIMULATED.txt``; same registry, same bytes.

    Returns the folder. Files of the same names are replaced.
    """
    out = Path(folder)
    out.mkdir(parents=True, exist_ok=True)
    for name, table in registry.items():
        pq.write_table(_arrow(table), out / f"{name}.parquet", compression="zstd", compression_level=9)
    answers = json.dumps(registry.answers, ensure_ascii=False, indent=2, sort_keys=True)
    (out / "answers.json").write_text(answers + "\n", encoding="utf-8")
    (out / "SIMULATED.txt").write_text(MARK, encoding="utf-8")
    return out


def _arrow(table: pd.DataFrame) -> pa.Table:
    """Days as date32, text as plain strings, without pandas metadata."""
    arrays = {name: pa.array(column, type=_arrow_type(column), from_pandas=True) for name, column in table.items()}
    return pa.table(arrays)


def _arrow_type(column: pd.Series[Any]) -> pa.DataType:
    if column.dtype.kind == "M":
        return pa.date32()
    return {"boolean": pa.bool_(), "str": pa.string(), "float64": pa.float64()}[str(column.dtype)]
