"""pandera without its preparations for Spark.

Where pyspark is installed, importing pandera sets SPARK_LOCAL_IP for the whole process (workers on other machines could
then not answer it), and pyspark warns of its pandas functions, which nobody uses here.
"""

from __future__ import annotations

import os
import warnings

_SET = [name for name in ("SPARK_LOCAL_IP", "PYARROW_IGNORE_TIMEZONE") if name not in os.environ]

warnings.filterwarnings("ignore", "PySpark does not yet fully support pandas", FutureWarning)  # pandera loads it late

import pandera.pandas as pa  # noqa: E402
from pandera.errors import SchemaErrors  # noqa: E402

for _name in _SET:
    os.environ.pop(_name, None)

__all__ = ["SchemaErrors", "pa"]
