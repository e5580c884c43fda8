"""Use cases, without knowledge of GraphQL and HTTP. Each call is one unit of work.

A use case raises Unauthenticated for a request without a caller, and NotAMember for another organization than the
caller's; docstrings name only the other refusals.
"""
