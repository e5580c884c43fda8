"""Fixtures of the schema's tests."""

from tests.support.graphql_cost import cost, services
from tests.support.rest_limits import fresh_limits

__all__ = ["cost", "fresh_limits", "services"]
