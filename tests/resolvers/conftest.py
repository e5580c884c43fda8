"""Use cases without a door."""

from tests.schema.conftest import services

__all__ = ["services"]
