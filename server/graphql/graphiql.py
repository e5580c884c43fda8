"""What GraphiQL's page may load and do: its own scripts by their hashes, and the files of the CDN that it names."""

import base64
import hashlib
import re
from functools import lru_cache
from typing import Final

_CDN: Final = "https://unpkg.com"
_INLINE: Final = re.compile(r"<script>(.*?)</script>", re.DOTALL)


@lru_cache(maxsize=1)
def content_security_policy(page: str) -> str:
    """The Content-Security-Policy under which the page works."""
    scripts = " ".join(f"'sha256-{_hash(script)}'" for script in _INLINE.findall(page))
    return (
        f"default-src 'none'; script-src {_CDN} {scripts}; style-src {_CDN} 'unsafe-inline'; "
        f"img-src 'self' data: blob:; media-src 'self' blob:; font-src {_CDN} data:; connect-src 'self'; "
        "worker-src 'self' blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )


def _hash(script: str) -> str:
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
