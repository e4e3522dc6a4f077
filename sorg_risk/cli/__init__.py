"""The command line: each command is a thin call into the library, and every error is one clear line and an exit code.

Exit codes: 0 done, 1 internal error or a disk that cannot be written, 2 wrong usage or configuration, 3 a gate, a
check or (with ``--strict``) the quarantine refused, 4 input missing or unreadable, 75 another run holds the lock.

Read in this order: `app` (what all commands share), `data` (sources, models, law), `night` (the nightly job and its
runs), `keep` (operating an output folder).
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import cyclopts

from ..errors import SorgRiskError, UsageError
from . import data, keep, night  # noqa: F401 - they add their commands
from .app import app, say

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["app", "main", "run"]


def main(argv: Sequence[str] | None = None) -> None:
    """Runs one command and exits with its code."""
    sys.exit(run(argv))


def run(argv: Sequence[str] | None = None) -> int:
    """Runs one command; returns the exit code instead of raising."""
    try:
        app(
            list(sys.argv[1:] if argv is None else argv),
            exit_on_error=False,
            print_error=False,
            result_action="return_value",
        )
    except SorgRiskError as error:
        return said(error, error.exit_code)
    except cyclopts.CycloptsError as error:
        return said(f"{error} See sorg-risk --help.", UsageError.exit_code)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the reader has gone: nothing more to say
        return 0
    except KeyboardInterrupt:
        return said("interrupted; the previous run still stands.", 130)
    except MemoryError:
        return said("out of memory; the previous run still stands. Raise memory_limit_mb, or use a larger machine.", 1)
    except Exception as error:
        if os.environ.get("SORG_RISK_DEBUG"):
            raise
        return said(f"internal error: {type(error).__name__}: {error} (SORG_RISK_DEBUG=1 shows where)", 1)
    return 0


def said(error: object, code: int) -> int:
    """One line on the error channel, without secrets, line breaks or control signs; returns the code."""
    from ..records.reading_databases import without_secrets

    say(f"sorg-risk: {' '.join(without_secrets(str(error)).split())}", error=True)
    return code
