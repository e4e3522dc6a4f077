"""Reading leaves no thread of a library behind that needs the interpreter: such a thread aborts the process when it ends."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

import pandas as pd
import pytest

from sorg_risk.records.parquet import read_parquet
from sorg_risk.records.reading_text import Text, looked_through

ROWS = 400_000


class Watched(io.FileIO):
    """A file on the disk that remembers which threads read it, and how often."""

    readers: ClassVar[set[int]] = set()
    readings: ClassVar[int] = 0
    pause: ClassVar[float] = 0.0

    def read(self, size: int | None = -1) -> bytes:
        Watched.readers.add(threading.get_ident())
        time.sleep(Watched.pause)
        Watched.readings += 1
        return super().read(-1 if size is None else size)


def text_of(path: Path, encoding: str) -> Text:
    lines = [f"{number},前海第{number}号,{'x' * 40}" for number in range(ROWS)]
    path.write_text("\n".join(["a,b,c", *lines]), encoding=encoding)
    text = looked_through(lambda: Watched(path), encoding)
    assert text.plain
    assert text.rows == ROWS
    return text


def test_a_file_in_utf_8_is_read_by_no_other_thread_through_python(tmp_path: Path) -> None:
    text = text_of(tmp_path / "t.csv", "utf-8")
    Watched.readers.clear()
    assert sum(len(piece) for piece in text.pieces(100_000)) == ROWS
    assert Watched.readers <= {threading.get_ident()}


@pytest.mark.parametrize("encoding", ["gb18030", "utf-8"])
def test_nothing_is_read_any_more_once_a_reading_was_given_up(
    tmp_path: Path, encoding: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = text_of(tmp_path / "t.csv", encoding)
    monkeypatch.setattr(Watched, "readings", 0)
    monkeypatch.setattr(Watched, "pause", 0.05)
    pieces = text.pieces(10)
    assert len(next(pieces)) == 10
    pieces.close()
    last = Watched.readings
    time.sleep(0.3)
    assert Watched.readings == last


def _threads(code: str, path: Path) -> int:
    """Threads that a reading of a file of bytes starts, in a process of its own."""
    script = (
        "import os, sys, io, pathlib, pandas as pd\n"
        "from sorg_risk.records.parquet import read_parquet\n"
        "content = pathlib.Path(sys.argv[1]).read_bytes()\n"
        "before = len(os.listdir('/proc/self/task'))\n"
        f"{code}\n"
        "print(len(os.listdir('/proc/self/task')) - before)\n"
    )
    done = subprocess.run([sys.executable, "-c", script, str(path)], capture_output=True, text=True, check=True)
    return int(done.stdout)


@pytest.mark.skipif(not os.path.isdir("/proc/self/task"), reason="threads are counted under Linux only")
def test_a_table_of_a_run_is_read_without_any_thread(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    pd.DataFrame({"org_id": [f"{n:06d}" for n in range(5_000)], "score": 1.0}).to_parquet(path, row_group_size=500)
    assert _threads("pd.read_parquet(io.BytesIO(content))", path) > 0  # what pandas itself does
    assert _threads("read_parquet(content); read_parquet(content, org_id='000777')", path) == 0


FRAMES: tuple[Callable[[], pd.DataFrame], ...] = (
    lambda: pd.DataFrame({"org_id": ["A", "B", "B"], "x": [1.0, None, 3.0], "n": pd.array([1, None, 2], "Int64")}),
    lambda: pd.DataFrame({"org_id": ["A", "B"], "kind": pd.Categorical(["u", None], ["u", "v"])}, index=[7, 9]),
    lambda: pd.DataFrame({"org_id": ["A"], "day": pd.Series(["2026-01-02"], dtype="datetime64[s]"), "l": [["a", "b"]]}),
    lambda: pd.DataFrame({"org_id": pd.Series([], dtype="str")}),
)


@pytest.mark.parametrize("make", FRAMES)
def test_it_reads_what_pandas_reads(make: Callable[[], pd.DataFrame]) -> None:
    sink = io.BytesIO()
    make().to_parquet(sink)
    pd.testing.assert_frame_equal(read_parquet(sink.getvalue()), pd.read_parquet(io.BytesIO(sink.getvalue())))


def test_the_rows_of_one_organisation_are_those_that_a_filter_gives() -> None:
    sink = io.BytesIO()
    frame = pd.DataFrame({"org_id": sorted(f"{n % 40:03d}" for n in range(900)), "x": range(900)})
    frame.to_parquet(sink, row_group_size=70, index=False)
    for org_id in ("000", "017", "039", "999", ""):
        wanted = pd.read_parquet(io.BytesIO(sink.getvalue()), filters=[("org_id", "==", org_id)])
        pd.testing.assert_frame_equal(read_parquet(sink.getvalue(), org_id), wanted)
