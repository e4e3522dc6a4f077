"""The manifest: what the run rests on, what was delivered, and the digest of every file published. Written last.

Times and durations are not in it: the same decision gives the same manifest but for its ``delivery``.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from ..records import Source, View
    from .decision import Decision

NAME = "manifest.json"


def described(
    decision: Decision, view: View, kept: dict[str, str], folder: Path, *, calendar_until: str, warnings: list[str]
) -> dict[str, Any]:
    """The manifest of a staged run, all files of which stand in the folder."""
    return {
        "as_of": view.day.isoformat(),
        "run_id": decision.run_id,
        "decision": {**decision.parts, "digest": decision.digest},
        "delivery": _delivery(view.source, view, kept),
        "outputs": {path.name: sha256(path) for path in sorted(folder.iterdir()) if path.name != NAME},
        "calendar_until": calendar_until,
        "engine": "local",
        "warnings": warnings,
    }


def write(manifest: dict[str, Any], folder: Path) -> None:
    """Write it beside the files it describes."""
    text = json.dumps(manifest, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    (folder / NAME).write_text(text, encoding="utf-8")


def read(folder: Path) -> dict[str, Any]:
    """The manifest of a published run."""
    found: dict[str, Any] = json.loads((folder / NAME).read_text(encoding="utf-8"))
    return found


def sha256(path: Path) -> str:
    """The digest of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _delivery(source: Source, view: View, kept: dict[str, str]) -> dict[str, Any]:
    """Files with their digests, and per table the rows read, accepted and quarantined as judged on the day."""
    counts = {
        str(row["table"]): {k: int(row[k]) for k in ("read", "accepted", "quarantined")}
        for row in view.counts.to_dict("records")
    }
    for name, digest in kept.items():
        counts[name]["ledger"] = digest  # type: ignore[assignment]
    files = [{"name": f.name, "rows": f.rows, "sha256": f.sha256, "encoding": f.encoding} for f in source.files]
    return {"files": files, "tables": counts, "notices": list(source.notices)}
