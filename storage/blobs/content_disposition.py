"""Content-Disposition header: file name and handling of a download (RFC 6266, RFC 8187)."""

import re
import unicodedata
from typing import Final
from urllib.parse import quote

_UNSAFE: Final = re.compile(r"[^ !#$&()+,\-.0-9=@A-Z\[\]^_`a-z{}~]")


def header(filename: str, *, is_attachment: bool) -> str:
    """Return the header value with the file name in UTF-8, after an ASCII one for clients that do not support that."""
    kind = "attachment" if is_attachment else "inline"
    return f"{kind}; filename=\"{_ascii_fallback(filename)}\"; filename*=UTF-8''{quote(filename, safe='')}"


def _ascii_fallback(filename: str) -> str:
    """Remove accents, and replace the other characters that not every system allows in a file name by underscores."""
    decomposed = unicodedata.normalize("NFKD", filename)
    return _UNSAFE.sub("_", "".join(character for character in decomposed if not unicodedata.combining(character)))
