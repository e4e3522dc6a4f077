"""Python without docstrings (``-OO``): libraries that edit their own docstrings at import still load."""

from __future__ import annotations

import sys


def skip_dask_estimators() -> None:
    """Makes LightGBM pass over its Dask estimators where there are no docstrings.

    They are built by cutting up the docstrings of others, which are None under ``-OO``, and end the import of the whole
    library. LightGBM treats a module that cannot be imported as an extra that is not installed.
    """
    if sys.flags.optimize > 1 and "lightgbm" not in sys.modules:
        sys.modules.setdefault("lightgbm.dask", None)  # type: ignore[arg-type]
