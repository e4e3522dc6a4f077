"""A real database for the commands that write to one."""

from __future__ import annotations

from tests.servers import postgres  # noqa: F401 - a fixture
