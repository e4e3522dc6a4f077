"""A real PostgreSQL server for tests, from Debian's packages; skips with its reason where it cannot be had."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def postgres() -> Iterator[str]:
    """A real server from Debian's packages, on a socket of its own."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb")) if Path("/usr/lib/postgresql").is_dir() else []
    if not found:
        pytest.skip("PostgreSQL is not installed on this machine (Debian package postgresql)")
    pytest.importorskip("adbc_driver_postgresql")
    bin_folder = found[-1].parent
    folder = Path(tempfile.mkdtemp(prefix="sorg-risk-pg-"))
    as_user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    if as_user:
        shutil.chown(folder, "postgres")
    start = [
        bin_folder / "pg_ctl",
        "-D",
        folder / "data",
        "-w",
        "-o",
        f"-k {folder} -h '' -c fsync=off",
        "-l",
        folder / "log",
        "start",
    ]
    made = subprocess.run(
        [*as_user, bin_folder / "initdb", "-D", folder / "data", "-A", "trust", "-U", "postgres"],
        capture_output=True,
        check=False,
    )
    if made.returncode or subprocess.run([*as_user, *start], capture_output=True, check=False).returncode:
        pytest.skip("PostgreSQL could not be started on this machine")
    yield f"postgresql://postgres:canary-pw@/postgres?host={folder}"
    subprocess.run(
        [*as_user, bin_folder / "pg_ctl", "-D", folder / "data", "-m", "immediate", "stop"],
        capture_output=True,
        check=False,
    )
    shutil.rmtree(folder, ignore_errors=True)


def executed(address: str, *statements: str) -> list[tuple[object, ...]]:
    """Runs statements in one transaction; returns the rows of the last."""
    from adbc_driver_postgresql import dbapi

    with dbapi.connect(address) as connection, connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
        rows = cursor.fetchall() if cursor.description else []
        connection.commit()
    return rows
