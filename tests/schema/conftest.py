"""Fixtures of the schema's tests."""

from tests.support.graphql.cost import cost, services
from tests.support.rest.limits import fresh_limits

__all__ = ["cost", "fresh_limits", "services"]
