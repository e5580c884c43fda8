"""GraphQL types and root fields, one module a noun."""
