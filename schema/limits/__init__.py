"""Limits on GraphQL documents: size, complexity, introspection."""
