"""Where the shipped model lies: inside the package once installed, beside it in a checkout."""

from __future__ import annotations

from pathlib import Path

from ..errors import ModelError


def default_bundle() -> Path:
    """Return the folder of the shipped model (trained on a simulated registry; see its card).

    >>> default_bundle().name
    'default'
    """
    package = Path(__file__).resolve().parent.parent
    for place in (package / "models" / "default", package.parent / "models" / "default"):
        if (place / "manifest.json").is_file():
            return place
    raise ModelError("the shipped model is missing from this installation; name a model with --model or install again.")
