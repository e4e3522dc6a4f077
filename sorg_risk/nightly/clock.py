"""What each stage cost: wall time, processor time, peak memory. For logs and benchmarks, never for a result."""

from __future__ import annotations

import os
import resource
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

_STATUS: Final = Path("/proc/self/status")
_RESET: Final = Path("/proc/self/clear_refs")


class Clock:
    """Called with the name of a stage, it ends the one before and begins that one; `stop` ends the last.

    >>> clock = Clock()
    >>> clock("read"); clock("law"); clock.stop()
    >>> list(clock.stages), sorted(clock.stages["law"])
    (['read', 'law'], ['cpu_s', 'peak_mb', 'wall_s'])
    """

    def __init__(self, tell: Callable[[str], None] = lambda _stage: None) -> None:
        self.stages: dict[str, dict[str, float]] = {}
        self._tell = tell
        self._open: tuple[str, float, float] | None = None

    def __call__(self, stage: str) -> None:
        """Ends the stage that is running and begins another."""
        self.stop()
        self._tell(stage)
        _forget_peak()
        self._open = (stage, time.perf_counter(), _processor())

    def stop(self) -> None:
        """Ends the stage that is running, if any."""
        if self._open is not None:
            name, wall, cpu = self._open
            one = self.stages.setdefault(name, {"wall_s": 0.0, "cpu_s": 0.0, "peak_mb": 0.0})
            one["wall_s"] = round(one["wall_s"] + time.perf_counter() - wall, 3)
            one["cpu_s"] = round(one["cpu_s"] + _processor() - cpu, 3)
            one["peak_mb"] = max(one["peak_mb"], peak_mb())
            self._open = None


def peak_mb() -> float:
    """Largest resident memory since the stage began (since the start of the process where that cannot be told)."""
    if _STATUS.is_file():
        for line in _STATUS.read_text(encoding="ascii", errors="replace").splitlines():
            if line.startswith("VmHWM:"):
                return round(int(line.split()[1]) / 1024, 1)
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1)


def limit_memory(megabytes: int) -> None:
    """Lets the process hold no more data than so many megabytes; beyond it Python raises MemoryError."""
    _, most = resource.getrlimit(resource.RLIMIT_DATA)
    resource.setrlimit(resource.RLIMIT_DATA, (megabytes << 20, most))


def _forget_peak() -> None:
    try:
        _RESET.write_text("5", encoding="ascii")
    except OSError:
        return


def _processor() -> float:
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system
