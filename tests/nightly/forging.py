"""What somebody who may write to an output folder can do to it, digests and all, short of the audit log."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from sorg_risk.nightly.store import Store


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def forge_rows(out: Path, change: Callable[[pa.Table], pa.Table], store: str = "fund_flows") -> None:
    """Rows of one store of the ledger changed, and every digest above them made again."""
    (path,) = (out / "ledger" / "rows").glob(f"segments/*/{store}.rows.arrow")
    with pa.memory_map(str(path)) as source:
        file = pa.ipc.open_file(source)
        batches = [file.get_batch(number) for number in range(file.num_record_batches)]
        changed = [change(pa.Table.from_batches([batch])).combine_chunks().to_batches()[0] for batch in batches]
        schema = file.schema
        sink = pa.BufferOutputStream()
        with pa.ipc.new_file(sink, schema) as writer:
            for batch in changed:
                writer.write(batch.cast(schema) if batch.schema != schema else batch)
    path.write_bytes(sink.getvalue().to_pybytes())
    reseal_ledger(out)


def doubled_amounts(table: pa.Table) -> pa.Table:
    place = table.schema.get_field_index("amount")
    return table.set_column(place, table.schema.field(place), pa.array(np.asarray(table["amount"]) * 2))


def with_a_row_more(table: pa.Table) -> pa.Table:
    return pa.concat_tables([table, table.slice(0, 1)])


def reseal_ledger(out: Path, change: Callable[[dict[str, Any]], None] = lambda _state: None) -> None:
    """The state of the ledger made again over its files as they are, and named by its pointer."""
    rows = out / "ledger" / "rows"
    name = (rows / "CURRENT").read_text(encoding="utf-8").split()[0]
    state = json.loads((rows / name).read_text(encoding="utf-8"))
    for segment in state["segments"]:
        segment["files"] = {file: sha256(rows / "segments" / segment["name"] / file) for file in segment["files"]}
    change(state)
    (rows / name).write_text(json.dumps(state, ensure_ascii=False, indent=1, sort_keys=True), encoding="utf-8")
    (rows / "CURRENT").write_text(f"{name} {sha256(rows / name)}\n", encoding="utf-8")


def forge_manifest(out: Path, day: str, change: Callable[[dict[str, Any]], None]) -> None:
    """The manifest of a run changed, its decision made again, and its copy in the ledger too."""
    store = Store(out)
    run = store.run(day)
    told = json.loads((run / "manifest.json").read_text(encoding="utf-8"))
    change(told)
    parts = {key: value for key, value in told["decision"].items() if key != "digest"}
    told["decision"]["digest"] = hashlib.sha256(
        json.dumps(parts, sort_keys=True, ensure_ascii=False).encode("utf-8")
    ).hexdigest()
    for path in (run / "manifest.json", store.kept_manifest(store.named(run))):
        path.write_text(json.dumps(told, ensure_ascii=False, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def forge_model(out: Path) -> None:
    """Another bundle, whole in itself, under the name of the one that was kept."""
    (place,) = (out / "ledger" / "models").iterdir()
    background = place / "background.csv"
    background.write_bytes(b"\n".join(background.read_bytes().split(b"\n")[:-2]) + b"\n")
    manifest = json.loads((place / "manifest.json").read_text(encoding="utf-8"))
    manifest["files"]["background.csv"] = {"sha256": sha256(background), "bytes": background.stat().st_size}
    (place / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    (place / "manifest.sha256").write_text(f"{sha256(place / 'manifest.json')}  manifest.json\n", encoding="utf-8")
