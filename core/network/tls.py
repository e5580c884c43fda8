"""The system's certificates for TLS connections to other machines."""

import ssl
from functools import lru_cache
from pathlib import Path

_ChangedPath = tuple[str, int]
"""A file or folder of certificates, and the time of its last change in nanoseconds."""


def default_context() -> ssl.SSLContext:
    """Return a context that all connections of the process share, because loading the certificates takes 20 ms.

    They are loaded again after a change of the files, or of SSL_CERT_FILE and SSL_CERT_DIR, which replace the system's.
    """
    paths = ssl.get_default_verify_paths()
    return _load(tuple((path, Path(path).stat().st_mtime_ns) for path in (paths.cafile, paths.capath) if path))


@lru_cache(maxsize=1)
def _load(_sources: tuple[_ChangedPath, ...]) -> ssl.SSLContext:
    return ssl.create_default_context()
