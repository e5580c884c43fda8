"""The system's certificates for TLS connections to other machines."""

import ssl
from functools import cache


@cache
def default_context() -> ssl.SSLContext:
    """Return a context that all connections of the process share, because loading the certificates takes 20 ms."""
    return ssl.create_default_context()
