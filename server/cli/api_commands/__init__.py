"""Commands that use the API of a running server."""
