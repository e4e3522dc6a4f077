"""Damaged bundles: do any crash the caller or load with other scores?

    python benchmarks/model_bundles.py [--bundles 1000] [--resealed 50] [--json]

Every bundle is harmed in one file (cut, flipped, CRLF, cycle, huge number). The first kind keeps its digests and must be refused by them; the
second is sealed anew, as someone would who means harm, and read as untrusted: the child may fall, the caller may not, and what loads after all
must score the same (an unread digit, say).
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import time
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from sorg_risk.errors import ModelError
from sorg_risk.model import RiskModel
from tests.model import damage
from tests.model.made import drawn


def outcome(folder: Path, trusted: bool, expected: np.ndarray) -> str:
    """What loading the bundle comes to."""
    try:
        model = RiskModel.load(folder, trusted=trusted)
    except ModelError:
        return "refused"
    except Exception as error:
        return f"other error: {type(error).__name__}"
    return "same scores" if np.array_equal(model.margin(drawn().X), expected) else "OTHER SCORES"


def main() -> None:
    """Harm, load, count."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bundles", type=int, default=1000)
    parser.add_argument("--resealed", type=int, default=50)
    parser.add_argument("--json", action="store_true", help="print one JSON object as the last line")
    asked = parser.parse_args()
    made, began = drawn(orgs=60), time.perf_counter()
    model = RiskModel(seeds=1).fit(made.X, made.y, days=made.days, groups=made.orgs)
    expected = model.margin(drawn().X)
    counted: dict[str, Counter[str]] = {"harmed": Counter(), "resealed": Counter()}
    with TemporaryDirectory() as place:
        sound = model.save(Path(place) / "sound")
        for kind, many in (("harmed", asked.bundles), ("resealed", asked.resealed)):
            for number in range(many):
                out = Path(place) / "harmed"
                damage.harmed(sound, number, out, content_only=kind == "resealed")
                if kind == "resealed":
                    damage.resealed(out)
                counted[kind][outcome(out, kind == "harmed", expected)] += 1
                shutil.rmtree(out)
    for kind, found in counted.items():
        print(f"{kind}: " + ", ".join(f"{many} {what}" for what, many in found.most_common()))
    if asked.json:
        print(
            json.dumps(
                {kind: dict(found) for kind, found in counted.items()} | {"seconds": time.perf_counter() - began}
            )
        )


if __name__ == "__main__":
    main()
