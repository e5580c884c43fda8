"""What a browser does with a file and what it calls it: Content-Disposition (RFC 6266, RFC 8187)."""

import re
import unicodedata
from typing import Final
from urllib.parse import quote

_UNSAFE: Final = re.compile(r"[^ !#$&()+,\-.0-9=@A-Z\[\]^_`a-z{}~]")


def header(filename: str, *, is_attachment: bool) -> str:
    """The header's value: for all who read UTF-8, and before that a plain name for those who do not."""
    kind = "attachment" if is_attachment else "inline"
    return f"{kind}; filename=\"{_ascii_fallback(filename)}\"; filename*=UTF-8''{quote(filename, safe='')}"


def _ascii_fallback(filename: str) -> str:
    """Letters without their accents; what is in no name that every system knows is a line."""
    letters = unicodedata.normalize("NFKD", filename)
    return _UNSAFE.sub("_", "".join(letter for letter in letters if not unicodedata.combining(letter)))
