"""False alarms beside a busy writer: ``python benchmarks/looks.py --looks 5000 --json``.

One process publishes night after night into a folder, brings new rows, puts runs on legal hold, releases and retires them,
all as fast as it can; another looks with `verify` and with a reader. Whatever either says is a false alarm. Printed at the
end, with ``--json`` as the last line::

    {"looks", "false_alarms", "nights", "seconds"}
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import signal
import tempfile
import time
from pathlib import Path
from typing import Any

from sorg_risk.features import features
from sorg_risk.law import statutory
from sorg_risk.model import RiskModel, default_bundle
from sorg_risk.nightly import Gates, audit, retention
from sorg_risk.nightly.job import nightly
from sorg_risk.nightly.run_reader import RunReader
from sorg_risk.nightly.settings import Settings
from sorg_risk.nightly.store import Store
from sorg_risk.nightly.verify import verify
from sorg_risk.records import open as open_source
from sorg_risk.simulate import simulate

FIRST = dt.date(2026, 6, 15)
TURNS = 8


def write(out: Path, orgs: int) -> None:
    """Writes without end."""
    frames = dict(simulate(orgs, 11).items())
    model = RiskModel.load(default_bundle())
    chosen = Settings(keep_runs=2, keep_days=1, gates=Gates(most_drift=None))
    for number in range(10**6):
        given = {**frames, "complaints": frames["complaints"].iloc[number % 5 :]}
        day = FIRST + dt.timedelta(days=number)
        run = nightly(given, as_of=day, out=out, model=model, settings=chosen)
        for turn in range(TURNS):
            act = retention.hold if turn % 2 == 0 else retention.release
            act(out, run.run_id, author="王", reason="演练")
        retention.retire(out, chosen)


def campaign(looks: int, orgs: int = 20) -> dict[str, Any]:
    """Looks so often beside the writer."""
    view = open_source(simulate(orgs, 11)).as_of(FIRST)
    features(view), statutory(view)  # compiled once, before the fork
    with tempfile.TemporaryDirectory(prefix="sorg-risk-looks-") as aside:
        out = Path(aside) / "out"
        writer = os.fork()
        if writer == 0:
            try:
                write(out, orgs)
            except BaseException as problem:
                print(f"the writer ended: {type(problem).__name__}: {problem}", flush=True)
            os._exit(1)
        while not (out / "CURRENT").is_file():
            if os.waitpid(writer, os.WNOHANG)[0]:
                raise SystemExit("the writer ended before it published anything")
            time.sleep(0.05)
        begun = time.perf_counter()
        alarms = [alarm for _ in range(looks) for alarm in look(out)]
        spent = time.perf_counter() - begun
        if os.waitpid(writer, os.WNOHANG)[0]:
            alarms.append("the writer ended")
        else:
            os.kill(writer, signal.SIGKILL)
            os.waitpid(writer, 0)
        nights = len(set(audit.published(audit.entries(out / "audit.sqlite"))))
    return {"looks": looks, "false_alarms": alarms, "nights": nights, "seconds": round(spent, 1)}


def look(out: Path) -> list[str]:
    """What `verify` and a reader of the current run complain of."""
    try:
        alarms = list(map(str, verify(out)))
        reader = RunReader(Store(out))
        reader.table(reader.folder(), "flags")
    except Exception as problem:
        return [f"{type(problem).__name__}: {problem}"]
    return alarms


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--looks", type=int, default=5000)
    parser.add_argument("--orgs", type=int, default=20)
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    result = campaign(chosen.looks, chosen.orgs)
    print(json.dumps(result, ensure_ascii=False) if chosen.json else result)


if __name__ == "__main__":
    main()
