"""Fixtures of the resolvers' tests."""

from tests.support.graphql_cost import services

__all__ = ["services"]
