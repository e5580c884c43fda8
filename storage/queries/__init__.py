"""Queries as functions of a session, one module a noun."""
