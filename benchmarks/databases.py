"""What reading a database into a ledger costs: ``python benchmarks/databases.py postgresql://USER@HOST/EMPTY --flows 3000000``.

The flows of a simulated register are written to tables of a PostgreSQL database that is given up to this (``organizations``
and ``fund_flows`` are replaced there), then brought into a new ledger by a process of its own: piece by piece, and with
``--whole`` once more as `sorg_risk.open` reads them, all in memory. Printed: rows, wall and processor seconds of that
process (the server's own are not its), and its peak memory.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from nightly import FILES, register_in

from sorg_risk.nightly.clock import peak_mb
from sorg_risk.records import open as open_source
from sorg_risk.records.ledger import Ledger

ORGS = 3_000
TABLES = ("organizations", "fund_flows")


def written(address: str, folder: Path) -> None:
    """Copies the two tables to the database."""
    from adbc_driver_postgresql import dbapi

    with dbapi.connect(address) as connection, connection.cursor() as cursor:
        for name in TABLES:
            place = folder / name
            files = [place / f"{number:02d}.parquet" for number in range(FILES)] if place.is_dir() else []
            for number, path in enumerate(files or [folder / f"{name}.parquet"]):
                cursor.adbc_ingest(name, _plain(pq.read_table(path)), mode="append" if number else "replace")
        connection.commit()


def _plain(table: pa.Table) -> pa.Table:
    """Words instead of the dictionaries of a file, without the notes that pandas leaves in it."""
    fields = [(one.name, pa.string() if pa.types.is_dictionary(one.type) else one.type) for one in table.schema]
    return table.cast(pa.schema(fields))


def brought(address: str, folder: Path, *, whole: bool) -> dict[str, float]:
    """Brings the database into a new ledger in this process; what that cost."""
    wall, processor, before = time.perf_counter(), time.process_time(), peak_mb()
    ledger = Ledger.open(folder)
    ledger.bring(open_source(address) if whole else address)
    return {
        "rows": ledger.rows,
        "wall_s": round(time.perf_counter() - wall, 1),
        "cpu_s": round(time.process_time() - processor, 1),
        "peak_mb": peak_mb(),
        "peak_mb_before": before,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("address")
    parser.add_argument("--flows", type=int, default=3_000_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--whole", action="store_true", help="all in memory too, as sorg_risk.open reads")
    parser.add_argument("--into", type=Path, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.into:
        print(json.dumps(brought(chosen.address, chosen.into, whole=chosen.whole)))
        return
    with tempfile.TemporaryDirectory(prefix="sorg-risk-bench-") as aside:
        source = Path(aside) / "source"
        register_in(source, ORGS, chosen.flows // ORGS, chosen.seed)
        written(chosen.address, source)
        ways = {"piece by piece": [], "whole": ["--whole"]}
        for name, more in ways.items() if chosen.whole else [("piece by piece", [])]:
            child = [sys.executable, __file__, chosen.address, "--into", Path(aside) / name, *more]
            told = subprocess.run(child, check=True, stdout=subprocess.PIPE, text=True).stdout
            print(f"{name}: {told.strip()}", flush=True)


if __name__ == "__main__":
    main()
