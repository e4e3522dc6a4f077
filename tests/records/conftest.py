"""What tests of records share."""

from tests.servers import postgres  # noqa: F401 - a fixture
