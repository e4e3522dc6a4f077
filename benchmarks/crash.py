"""Killed at every write, sync and rename: ``python benchmarks/crash.py --kills 200 --json``.

A night is published; the next one is killed (SIGKILL) at a named point of its writing, or finds the disk full or
read-only there. After each: readers still see a whole run, the old one or the new one; the lock is free; the same
command again gives the very run an undisturbed night gives, and everything verifies. All the while a reader follows
`CURRENT` and checks every file against its digest. Printed at the end, with ``--json`` as the last line::

    {"points", "kills", "errors", "reads", "mixed", "wrong", "seconds"}

With ``--power-loss`` nothing is killed: one night is watched, and every tree that a power cut at some point of it could have
left (unsynced writes lost, renames lost or reordered, see `power_loss`) is tried in the same way, of a first night and of
a second one. With ``--later-day`` the job that comes after is not the same command again but that of the day after, as when nobody looked.
"""

from __future__ import annotations

import argparse
import hashlib
import itertools
import json
import os
import random
import shutil
import signal
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.power_loss import recorded
from sorg_risk.errors import StorageError
from sorg_risk.features import features
from sorg_risk.law import statutory
from sorg_risk.model import default_bundle
from sorg_risk.nightly import audit
from sorg_risk.nightly.job import nightly
from sorg_risk.nightly.store import Store
from sorg_risk.nightly.verify import verify
from sorg_risk.records import Source, disk
from sorg_risk.records import open as open_source
from sorg_risk.records.ledger import Ledger
from sorg_risk.simulate import simulate

FIRST, SECOND, THIRD = "2026-06-15", "2026-06-16", "2026-06-17"
ERRORS = ("ENOSPC", "EROFS")
REFUSED = 41


class Trials:
    """One registry, one model, and what an undisturbed night makes of them. Children are forked before LightGBM is used."""

    def __init__(self, folder: Path, orgs: int = 30, *, later: bool = False) -> None:
        self.folder = folder
        self.after = THIRD if later else SECOND
        self.source: Source = open_source(simulate(orgs, 11))
        self.model = default_bundle()  # read by each child: LightGBM does not survive a fork
        view = self.source.as_of(SECOND)
        features(view), statutory(view)  # compiled once, for all children
        self.before = folder / "before"
        assert self.child(self.before, FIRST) == 0
        whole = folder / "whole"
        shutil.copytree(self.before, whole)
        trace = folder / "trace"
        assert self.child(whole, SECOND, **{disk.TRACE: str(trace)}) == 0
        passed = trace.read_text(encoding="utf-8").split()
        self.points = [f"{name}@{turn}" for name, turn in _turns(passed)]
        self.expected = [tree(whole)]
        if later:
            self.expected = []
            for published in (self.before, whole):  # without the night that was killed, and with it
                copy = shutil.copytree(published, folder / f"later-{len(self.expected)}")
                assert self.child(copy, THIRD) == 0
                self.expected.append(tree(copy))

    def child(self, out: Path, day: str, **environment: str) -> int:
        """Runs a night in a forked child; its exit code, negative for a signal."""
        number = os.fork()
        if number == 0:
            os.environ.update(environment)
            code = 1
            try:
                nightly(self.source, as_of=day, out=out, model=self.model)
                code = 0
            except StorageError as problem:
                code = REFUSED
                if disk.FAULT not in environment:
                    print(f"{type(problem).__name__}: {problem}", flush=True)
            except BaseException as problem:
                print(f"{type(problem).__name__}: {problem}", flush=True)
            os._exit(code)
        return os.waitstatus_to_exitcode(os.waitpid(number, 0)[1])

    def cuts(self, step: int) -> dict[str, Path]:
        """Trees that a power cut at every ``step``-th point of a second night could have left, and of a first one."""
        trees: dict[str, Path] = {}
        for name, day in (("second", SECOND), ("first", FIRST)):
            out = self.folder / f"watched-{name}"
            out.mkdir()
            if name == "second":
                shutil.copytree(self.before, out, dirs_exist_ok=True)
            aside = self.folder / f"cuts-{name}"
            number = os.fork()
            if number == 0:
                found = recorded(out, lambda day=day, out=out: self._night(out, day), aside, slice(0, None, step))
                listed = {f"{name} night, {point}": str(path) for point, path in found.items()}
                (self.folder / f"{name}.json").write_text(json.dumps(listed), encoding="utf-8")
                os._exit(0)
            assert os.waitstatus_to_exitcode(os.waitpid(number, 0)[1]) == 0
            listed = json.loads((self.folder / f"{name}.json").read_text(encoding="utf-8"))
            trees |= {point: Path(path) for point, path in listed.items()}
        return trees

    def _night(self, out: Path, day: str) -> None:
        nightly(self.source, as_of=day, out=out, model=self.model)

    def cut(self, point: str, out: Path) -> list[str]:
        """Everything that must hold of a tree that a power cut left; returns what does not."""
        wrong, is_first = [], point.startswith("first")
        seen = Store(out).current()
        if (seen is None and not is_first) or (seen is not None and not whole(out / seen)):
            wrong.append(f"{point}: a reader would see {seen}, which is not whole")
        wrong += [f"{point}: {problem}" for problem in audit.problems(out / "audit.sqlite")]
        rows = out / "ledger" / "rows"
        if (rows / "CURRENT").is_file():
            wrong += [f"{point}: ledger {problem}" for problem in Ledger.open(rows).verify()]
        day, expected = (FIRST, [tree(self.before)]) if is_first else (self.after, self.expected)
        if (again := self.child(out, day)) != 0:
            wrong.append(f"{point}: the job after it ended with {again}")
        elif tree(out) not in expected:
            wrong.append(f"{point}: the job after it gave another result")
        wrong += [f"{point}: {problem}" for problem in verify(out)]
        shutil.rmtree(out)
        return wrong

    def trial(self, number: int, point: str, watch: Callable[[Path | None], None]) -> list[str]:
        """One kill or error, and everything that must hold afterwards; returns what did not."""
        out = self.folder / f"trial-{number}"
        shutil.copytree(self.before, out)
        watch(out)
        wrong = []
        code = self.child(out, SECOND, **{disk.FAULT: point})
        if code != (REFUSED if "=" in point else -signal.SIGKILL):
            wrong.append(f"{point}: ended with {code}")
        seen = Store(out).current()
        if seen is None or not whole(out / seen):
            wrong.append(f"{point}: a reader would see {seen}, which is not whole")
        if (again := self.child(out, self.after)) != 0:
            wrong.append(f"{point}: the job after it ended with {again}")
        elif tree(out) not in self.expected:
            wrong.append(f"{point}: the job after it gave another result")
        wrong += [f"{point}: {problem}" for problem in verify(out)]
        watch(None)
        shutil.rmtree(out)
        return wrong


def _turns(passed: list[str]) -> list[tuple[str, int]]:
    counts: dict[str, int] = {}
    return [(name, counts.setdefault(name, 0) or 1) for name in dict.fromkeys(passed)] + [
        (name, passed.count(name)) for name in dict.fromkeys(passed) if passed.count(name) > 1
    ]


def tree(out: Path) -> dict[str, str]:
    """Digests of everything published: runs and pointer."""
    files = [out / "CURRENT", *(path for path in (out / "runs").rglob("*") if path.is_file())]
    return {path.relative_to(out).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(files)}


def whole(run: Path) -> bool:
    """Whether a run has its manifest and every file as the manifest says."""
    try:
        told = json.loads((run / "manifest.json").read_text(encoding="utf-8"))
        there = {path.name for path in run.iterdir()} - {"manifest.json"}
        same = all(
            hashlib.sha256((run / name).read_bytes()).hexdigest() == digest for name, digest in told["outputs"].items()
        )
    except (OSError, ValueError):
        return False
    return same and there == set(told["outputs"])


class Reader(threading.Thread):
    """Follows `CURRENT` of the folder under trial and counts the reads that were not whole."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.out: Path | None = None
        self.reads = self.mixed = 0
        self.ended = False

    def watch(self, out: Path | None) -> None:
        self.out = out

    def run(self) -> None:
        while not self.ended:
            out = self.out
            if out is None:
                time.sleep(0.02)
                continue
            try:
                name = (out / "CURRENT").read_text(encoding="utf-8").strip()
            except OSError:
                name = ""
            good = bool(name) and whole(out / name)
            if self.out is out:  # the trial was not tidied away meanwhile
                self.reads += 1
                self.mixed += not good
            time.sleep(0.02)


def campaign(
    kills: int,
    errors: int,
    first: int = 0,
    step: int = 1,
    seed: int = 0,
    say: Callable[[str], Any] = print,
    *,
    later: bool = False,
) -> dict[str, Any]:
    """Kills at every ``step``-th point from the ``first`` on and round again, then errors of the disk drawn by chance."""
    begun, chance, reader = time.perf_counter(), random.Random(seed), Reader()
    with tempfile.TemporaryDirectory(prefix="sorg-risk-crash-") as aside:
        trials = Trials(Path(aside), later=later)
        chosen = list(itertools.islice(itertools.cycle(trials.points), first, first + kills * step, step))
        chosen += [f"{chance.choice(trials.points)}={chance.choice(ERRORS)}" for _ in range(errors)]
        reader.start()
        wrong: list[str] = []
        for number, point in enumerate(chosen):
            found = trials.trial(number, point, reader.watch)
            wrong += found
            if found or number % 5 == 4:
                say(
                    f"{number + 1} of {len(chosen)}: {reader.reads} reads, {reader.mixed} mixed, {len(wrong)} wrong {found}"
                )
        reader.ended = True
        reader.join()
        return {
            "points": len(trials.points),
            "kills": kills,
            "errors": errors,
            "reads": reader.reads,
            "mixed": reader.mixed,
            "wrong": wrong,
            "seconds": round(time.perf_counter() - begun, 1),
        }


def power_loss(
    step: int = 1, most: int | None = None, say: Callable[[str], Any] = print, *, later: bool = False
) -> dict[str, Any]:
    """Tries the trees that power cuts leave, at most so many, spread over all."""
    begun = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="sorg-risk-power-") as aside:
        trials = Trials(Path(aside), later=later)
        trees = list(trials.cuts(step).items())
        chosen = trees if most is None else trees[:: max(1, len(trees) // most)][:most]
        wrong: list[str] = []
        for number, (point, out) in enumerate(chosen, start=1):
            wrong += trials.cut(point, out)
            if number % 10 == 0:
                say(f"{number} of {len(chosen)}: {len(wrong)} wrong {wrong[-1:]}")
        return {
            "different_trees": len(trees),
            "trees": len(chosen),
            "wrong": wrong,
            "seconds": round(time.perf_counter() - begun, 1),
        }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--errors", type=int, default=40)
    parser.add_argument("--first", type=int, default=0, help="number of the point to begin with")
    parser.add_argument("--step", type=int, default=1, help="every so many points")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--power-loss", action="store_true", help="try what power cuts leave, nothing is killed")
    parser.add_argument("--most", type=int, help="with --power-loss: so many trees at most")
    parser.add_argument("--later-day", action="store_true", help="go on with the day after, not with the same command")
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()

    def say(line: str) -> None:
        print(line, flush=True)

    if chosen.power_loss:
        result = power_loss(chosen.step, chosen.most, say, later=chosen.later_day)
    else:
        numbers = chosen.kills, chosen.errors, chosen.first, chosen.step, chosen.seed
        result = campaign(*numbers, say=say, later=chosen.later_day)
    print(json.dumps(result, ensure_ascii=False) if chosen.json else result)


if __name__ == "__main__":
    main()
