"""Content-Security-Policy of GraphiQL: allows its inline scripts, by hash, and files from its CDN."""

import base64
import hashlib
import re
from functools import lru_cache
from typing import Final

_CDN: Final = "https://unpkg.com"
_INLINE_SCRIPT: Final = re.compile(r"<script>(.*?)</script>", re.DOTALL)


@lru_cache(maxsize=1)
def content_security_policy(html: str) -> str:
    scripts = " ".join(f"'sha256-{_hash(script)}'" for script in _INLINE_SCRIPT.findall(html))
    return (
        f"default-src 'none'; script-src {_CDN} {scripts}; style-src {_CDN} 'unsafe-inline'; "
        f"img-src 'self' data: blob:; media-src 'self' blob:; font-src {_CDN} data:; connect-src 'self'; "
        "worker-src 'self' blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )


def _hash(script: str) -> str:
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
