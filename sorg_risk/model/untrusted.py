"""A bundle from elsewhere is first read by a child: fresh interpreter, limits on memory and time. If the child falls, the caller stands.

The child gets a copy of the very bytes the caller has read, so what it found sound is what the caller then loads.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from ..errors import ModelError

MEMORY = 4 * 1024**3
TIME_LIMIT = 60.0


def survives(files: dict[str, bytes], *, time_limit: float = TIME_LIMIT) -> None:
    """Let a child read the bundle whole; `ModelError` with what it said, or with how it fell."""
    package = Path(__file__).resolve().parents[2]
    paths = [str(package), *filter(None, [os.environ.get("PYTHONPATH")])]
    with TemporaryDirectory(prefix="bundle-") as folder:
        for name, content in files.items():
            (Path(folder) / name).write_bytes(content)
        try:
            done = subprocess.run(
                [sys.executable, "-m", f"{__package__}.untrusted", folder, str(int(time_limit) + 1)],
                capture_output=True,
                text=True,
                errors="replace",
                timeout=time_limit,
                check=False,
                env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
            )
        except subprocess.TimeoutExpired:
            raise ModelError(
                f"the bundle was not read within {time_limit:g} s by a separate process. Nothing was loaded."
            ) from None
    if done.returncode != 0:
        said = done.stderr.strip().splitlines()[-1:] or [f"it ended with code {done.returncode}"]
        raise ModelError(f"a separate process could not read the bundle: {said[0]} Nothing was loaded.")


def _limited(seconds: int) -> None:
    """Bounds of this process, besides the caller's time limit."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def main() -> None:
    """Read the bundle named on the command line; exit 0 if all is well."""
    _limited(int(sys.argv[2]))
    from .risk_model import RiskModel

    try:
        RiskModel.load(sys.argv[1])
    except ModelError as error:
        print(str(error).replace(sys.argv[1], "the bundle"), file=sys.stderr)
        sys.exit(2)


if __name__ == "__main__":
    main()
