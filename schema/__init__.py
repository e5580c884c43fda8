"""The GraphQL API. A field decodes its arguments, calls a resolver and wraps the result; it runs no SQL."""
