"""Scores and exact contributions of rows: here at once, or in parts wherever an executor works."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Self

import numpy as np
import pyarrow as pa

from ..errors import UsageError
from ..explain import ExactExplainer
from ..model import RiskModel

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from ..features.executor import Executor

PART = 8_192
"""Rows of a part, at most. Fewer than these are not sent. Parts are even: each is then explained as the whole would be."""
_ROWS, _MODEL = "rows.arrow", "model"


class Scored(NamedTuple):
    """Contributions in points (rows, features), unrounded points, calibrated probability."""

    values: NDArray[np.float64]
    score: NDArray[np.float64]
    probability: NDArray[np.float64]

    @classmethod
    def of(cls, model: RiskModel, explainer: ExactExplainer, rows: pd.DataFrame) -> Self:
        """Scores and explains rows that hold the model's columns."""
        values = -model.factor * explainer.shap_values(rows)
        return cls(values, model.points(rows), model.event_probability(rows))

    @classmethod
    def elsewhere(cls, model: RiskModel, rows: pd.DataFrame, executor: Executor) -> Self:
        """The same, made by the workers of an executor."""
        found = cls(np.empty(rows.shape), np.empty(len(rows)), np.empty(len(rows)))
        at = 0
        with executor.aside() as folder:
            for table in executor.map(Scoring.put(model, rows, folder)):
                for whole, part in zip(found, table.columns):
                    whole[at : at + len(table)] = _cells(part).reshape(len(table), *whole.shape[1:])
                at += len(table)
        return found

    def to_arrow(self) -> pa.Table:
        """One row a row; contributions as lists."""
        lists = pa.FixedSizeListArray.from_arrays(pa.array(self.values.reshape(-1)), self.values.shape[1])
        return pa.table([lists, pa.array(self.score), pa.array(self.probability)], list(self._fields))


@dataclass(frozen=True)
class Scoring:
    """The job: ``folder`` holds the bundle of the model, and the rows as one Arrow file, a part a batch."""

    folder: str
    parts: int

    @classmethod
    def put(cls, model: RiskModel, rows: pd.DataFrame, folder: Path) -> Self:
        """Puts aside what the workers read."""
        model.save(folder / _MODEL)
        table = pa.Table.from_pandas(rows, preserve_index=False)
        parts = -(-len(rows) // PART)
        bounds = np.linspace(0, len(rows), parts + 1).astype(np.int64).tolist()
        with pa.OSFile(str(folder / _ROWS), "wb") as sink, pa.ipc.new_file(sink, table.schema) as file:
            for start, stop in pairwise(bounds):
                file.write_table(table.slice(start, stop - start).combine_chunks())
        return cls(str(folder), parts)

    def __call__(self, part: int) -> pa.Table:
        """Scores and contributions of one part. Raises `UsageError` where this machine does not see the folder."""
        path = Path(self.folder) / _ROWS
        if not path.is_file():
            raise UsageError.unseen("folder", self.folder)
        with pa.memory_map(str(path)) as file:
            rows = pa.ipc.open_file(file).get_batch(part).to_pandas()
        return Scored.of(*_opened(self.folder), rows).to_arrow()


@lru_cache(maxsize=1)
def _opened(folder: str) -> tuple[RiskModel, ExactExplainer]:
    """Model and tables, made once for all parts that a worker takes; the other processors have workers of their own."""
    model = RiskModel.load(Path(folder) / _MODEL)
    return model, explainer_of(model, threads=1).prepare()


def explainer_of(model: RiskModel, threads: int | None = None) -> ExactExplainer:
    """Contributions compared with organisations in good standing."""
    return ExactExplainer(model, getattr(model, "background_", None), threads=threads)


def _cells(column: pa.ChunkedArray) -> NDArray[Any]:
    whole = column.combine_chunks()
    return np.asarray(whole.flatten() if pa.types.is_fixed_size_list(column.type) else whole)
