"""The manifest: what the run rests on, what was delivered, and the digest of every file published. Written last.

Times and durations are not in it: the same decision gives the same manifest but for its ``delivery`` and ``ledger``.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..calendar.workdays import published_until
from ..records import disk
from ..records.pii import mask_pii
from ..records.source import COUNTS
from . import ledger
from .store import MANIFEST

if TYPE_CHECKING:
    from ..records.ledger.wide import WideView
    from .decision import Decision


def described(
    decision: Decision,
    view: WideView,
    outputs: dict[str, str],
    *,
    engine: str,
    warnings: list[str],
    previous: str | None,
) -> dict[str, Any]:
    """The manifest of a staged run; ``outputs`` are the digests of its files."""
    return {
        "as_of": view.day.isoformat(),
        "run_id": decision.run_id,
        "decision": {**decision.parts, "digest": decision.digest},
        "settings": decision.settings,
        "previous_run": previous,
        "delivery": _delivery(view),
        "ledger": ledger.told(view.source),
        "outputs": outputs,
        "calendar_until": published_until().isoformat(),
        "engine": engine,
        "warnings": warnings,
    }


def write(manifest: dict[str, Any], folder: Path) -> None:
    """Writes it beside the files it describes."""
    disk.write(folder / MANIFEST, packed(manifest), "manifest")


def packed(manifest: dict[str, Any]) -> bytes:
    """The bytes of a manifest."""
    return (json.dumps(manifest, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode("utf-8")


def outputs(folder: Path) -> dict[str, str]:
    """The digest of every file of a run but its manifest, by name; empty for what is no file (a folder, a pipe)."""
    paths = (path for path in sorted(folder.iterdir()) if path.name != MANIFEST)
    return {path.name: sha256(path) if path.is_file() else "" for path in paths}


def sha256(path: Path | bytes) -> str:
    """The digest of a file, or of bytes."""
    if isinstance(path, bytes):
        return hashlib.sha256(path).hexdigest()
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def _delivery(view: WideView) -> dict[str, Any]:
    """Files with their digests, and per table the rows read, accepted, quarantined, filtered as judged on the day."""
    source = view.source
    counts = {
        str(row["table"]): {name: int(row[name]) for name in COUNTS[1:]} for row in view.counts.to_dict("records")
    }
    columns = {name: list(map(mask_pii, given)) for name, given in source.columns.items()}
    files = [
        {"name": mask_pii(f.name), "rows": f.rows, "sha256": f.sha256, "encoding": f.encoding} for f in source.files
    ]
    return {"files": files, "tables": counts, "columns": columns, "notices": list(map(mask_pii, source.notices))}
