"""Fixtures of the resolvers' tests."""

from tests.support.graphql.cost import services

__all__ = ["services"]
