"""The GraphQL door: a file per noun. A field decodes, calls a resolver, wraps; no SQL, no decision."""
