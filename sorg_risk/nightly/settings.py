"""Typed settings: a TOML file, over it the environment (``SORG_RISK_…``), over both the command line.

>>> Settings.of({"lists": "assumed", "gates": {"most_quarantined": 0.05}}).gates.most_quarantined
0.05
>>> Settings.of({"databse": "postgresql://reader:s3cret@registry/npo"})
Traceback (most recent call last):
sorg_risk.errors.UsageError: settings: 'databse' is no setting. Did you mean 'database'?
"""

from __future__ import annotations

import os
import tomllib
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from ..errors import DataError, UsageError
from ..records.widespread import MOST_ORGANIZATIONS

PREFIX = "SORG_RISK_"


class Gates(BaseModel):
    """Limits a run must keep before it is published; ``None`` turns a gate off (``"off"`` in files and the environment).

    Comparisons are with the previous published run, and off where there is none or it is older than
    ``compare_within_days``. Ratios are to that run.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    fewest_rows: float | None = Field(default=0.7, ge=0, description="rows of a table, least, as a ratio")
    most_rows: float | None = Field(default=1.8, ge=1, description="rows of a table, most, as a ratio")
    same_columns: bool = Field(default=True, description="no column of a table may vanish")
    same_tables: bool = Field(default=True, description="no table that had rows may come without any")
    max_vanished: float | None = Field(
        default=0.02,
        ge=0,
        le=1,
        description="share of the records no longer delivered and not withdrawn, of all tables and of each, most",
    )
    min_vanished: int = Field(default=5, ge=1, description="fewer vanished records than this are told only")
    oldest_news_days: int | None = Field(default=None, ge=0, description="days since anything was recorded, most")
    most_quarantined: float | None = Field(
        default=0.2, ge=0, le=1, description="share of the rows read, of all tables and of each, most"
    )
    most_drift: float | None = Field(default=0.25, gt=0, description="PSI of the scores, most")
    most_new_flags: float | None = Field(
        default=1.0, gt=0, description="statutory flags that new data brought, as a ratio"
    )
    fewest: int = Field(default=100, ge=0, description="tables, scores and flags fewer than this are not compared")
    compare_within_days: int = Field(default=92, ge=1)

    @field_validator(
        "fewest_rows",
        "most_rows",
        "oldest_news_days",
        "max_vanished",
        "most_quarantined",
        "most_drift",
        "most_new_flags",
        mode="before",
    )
    @classmethod
    def _off(cls, value: object) -> object:
        """TOML and the environment have no word for None."""
        return None if value == "off" else value


class Settings(BaseSettings):
    """Everything an operator may set; unknown names are errors, secrets are never shown."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_nested_delimiter="__", extra="forbid", frozen=True, secrets_dir=None
    )

    lists: Literal["decided", "assumed"] = "decided"
    full_reasons: bool = False
    engine: Literal["local", "spark"] = "local"
    spark_master: str = Field(
        default="local[*]", min_length=1, description="where Spark runs, unless a session is active"
    )
    most_organizations: int = Field(
        default=MOST_ORGANIZATIONS,
        ge=1,
        description="organisations that one person, or one group of relatives, may be met in",
    )
    model: Path | None = None
    model_public_key: Path | None = Field(
        default=None, description="Ed25519 key in PEM: a model that is not signed by it is refused"
    )
    untrusted_model: bool = Field(default=False, description="a separate process reads the model first")
    mapping: Path | None = None
    gates: Gates = Gates()
    memory_limit_mb: int | None = Field(default=None, ge=512)
    database: SecretStr | None = Field(default=None, description="PostgreSQL that results are also written to")
    metrics: Path | None = Field(default=None, description="Prometheus textfile; in the output folder unless named")
    metrics_mode: str = Field(
        default="0644", pattern="^0?[0-7]{3}$", description="rights of that file, which a collector reads"
    )
    keep_runs: int = Field(default=30, ge=1, description="runs that retention always keeps")
    keep_days: int = Field(default=400, ge=1, description="runs of as-of days this far back are kept")

    @classmethod
    def settings_customise_sources(  # type: ignore[override]
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 - the signature is the library's
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        **_others: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment over the file."""
        return env_settings, init_settings

    @classmethod
    def of(cls, content: dict[str, Any]) -> Self:
        """Settings from what a file says, under the environment; raises `UsageError` with the place and the near name."""
        try:
            return cls(**content)
        except ValidationError as problem:
            first = problem.errors(include_input=False, include_url=False)[0]
            place = ".".join(str(part) for part in first["loc"])
            raise UsageError(f"settings: {_said(cls, place, first['type'], first['msg'])}") from None

    @classmethod
    def load(cls, path: str | Path | None = None) -> Self:
        """Settings of a TOML file (None: of the environment alone); a slip in a name is an error in both."""
        for name in sorted(os.environ):
            if near := cls._meant(name):
                raise UsageError(f"the environment says {name!r}, which is no setting. Did you mean {near!r}?")
        if path is None:
            return cls.of({})
        path = Path(path)
        try:
            return cls.of(tomllib.loads(path.read_text(encoding="utf-8")))
        except OSError as problem:
            raise DataError.missing("settings file", path, problem.strerror or "Name an existing file.") from problem
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
            raise UsageError(f"settings {path.name} is not TOML: {problem}. Correct that place.") from problem

    @classmethod
    def _meant(cls, name: str) -> str | None:
        """The setting that a variable of the environment nearly names; None where it names one, or none at all."""
        known = [field.upper() for field in cls.model_fields]
        whole = name.upper().removeprefix(PREFIX).split("__")[0]
        if not name.upper().startswith(PREFIX) or whole in known:
            return None
        near = get_close_matches(whole, known, n=1, cutoff=0.8)
        return f"{PREFIX}{near[0]}" if near else None

    def with_(self, **chosen: Any) -> Self:
        """The same with some values chosen on the command line (None: not chosen)."""
        return self.model_copy(update={name: value for name, value in chosen.items() if value is not None})

    @property
    def metrics_rights(self) -> int:
        """The setting ``metrics_mode`` as a number."""
        return int(self.metrics_mode, 8)

    def shown(self) -> dict[str, Any]:
        """All values as they are in force, secrets masked."""
        return self.model_dump(mode="json")


def _said(cls: type[BaseSettings], place: str, kind: str, message: str) -> str:
    if kind != "extra_forbidden":
        return f"{place}: {message[:1].lower()}{message[1:]}."
    known = [*cls.model_fields, *(f"gates.{name}" for name in Gates.model_fields)]
    near = get_close_matches(place, known, n=1)
    return f"{place!r} is no setting." + (f" Did you mean {near[0]!r}?" if near else f" Known: {', '.join(known)}.")
