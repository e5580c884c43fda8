"""Model Context Protocol: tools for agents, over HTTP at ``/mcp`` and over standard input and output (``studio mcp``).

The tools use the Python client. ``studio mcp`` connects it to a server; the HTTP endpoint executes its operations in
the same process. So both have the authentication, roles, rate limits, spend caps and errors of GraphQL.
"""
