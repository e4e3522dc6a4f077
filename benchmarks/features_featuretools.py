"""Twenty-four days by featuretools, run by an interpreter that has it (with pandas 2; pandas 3 is too new for it).

``PYTHON benchmarks/features_featuretools.py SOURCE DAY [DAY …]`` prints its size and processor seconds as JSON. Its
features are fewer and simpler than ours: count, sum, largest and mean amount, all flows, those in and those out, within 30, 90
and 365 days; one clock only, so that late rows are seen too early.
"""

from __future__ import annotations

import json
import sys
import time

import featuretools as ft
import pandas as pd

WINDOWS = (30, 90, 365)
COLUMNS = ["flow_id", "org_id", "booked_on", "direction", "amount"]


def main(source: str, days: list[str]) -> None:
    """Reads, computes, prints."""
    start = time.process_time()
    flows = pd.read_parquet(f"{source}/fund_flows", columns=COLUMNS)
    flows["booked_on"] = pd.to_datetime(flows["booked_on"])
    orgs = pd.read_parquet(f"{source}/organizations.parquet", columns=["org_id"])
    kinds = {"direction": "Categorical"}
    entities = ft.EntitySet("registry")
    entities.add_dataframe(dataframe_name="organizations", dataframe=orgs, index="org_id")
    entities.add_dataframe(
        dataframe_name="flows", dataframe=flows, index="flow_id", time_index="booked_on", logical_types=kinds
    )
    entities.add_relationship("organizations", "org_id", "flows", "org_id")
    entities.add_interesting_values(dataframe_name="flows", values={"direction": ["in", "out"]})
    ends = [pd.DataFrame({"org_id": orgs["org_id"], "time": pd.Timestamp(day)}) for day in days]
    cutoffs = pd.concat(ends, ignore_index=True)
    count = 0
    for window in WINDOWS:
        found, _ = ft.dfs(
            entityset=entities,
            target_dataframe_name="organizations",
            agg_primitives=["count", "sum", "max", "mean"],
            where_primitives=["count", "sum", "max", "mean"],
            trans_primitives=[],
            cutoff_time=cutoffs,
            training_window=f"{window} days",
            max_depth=2,
        )
        count += found.shape[1]
    print(
        json.dumps(
            {
                "version": ft.__version__,
                "organisations": len(orgs),
                "flows": len(flows),
                "features": count,
                "cpu_s": round(time.process_time() - start, 2),
            }
        )
    )


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
