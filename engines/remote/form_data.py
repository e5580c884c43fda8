"""Request bodies of the type multipart/form-data (RFC 7578) that are read from a file while they are sent."""

import secrets
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

_BLOCK_BYTES: Final = 262_144


@dataclass(frozen=True, slots=True)
class FormData:
    """Text fields, and one file as the last field. The names are constants of an adapter, without quotes.

    ``file_name`` and ``media_type`` describe the file to the peer; its local path is not sent.
    """

    fields: Mapping[str, str]
    file_field: str
    file: Path
    file_name: str
    media_type: str
    boundary: str = field(default_factory=lambda: secrets.token_hex(16))

    @property
    def content_type(self) -> str:
        return f"multipart/form-data; boundary={self.boundary}"

    @property
    def length(self) -> int:
        """The size of the body in bytes."""
        return len(self._head()) + self.file.stat().st_size + len(self._tail())

    async def stream(self) -> AsyncIterator[bytes]:
        """Yield the body in blocks."""
        yield self._head()
        with self.file.open("rb") as opened:
            while block := opened.read(_BLOCK_BYTES):
                yield block
        yield self._tail()

    def _head(self) -> bytes:
        texts = [f"{self._part(name)}\r\n\r\n{value}\r\n" for name, value in self.fields.items()]
        described = f'{self._part(self.file_field)}; filename="{self.file_name}"\r\nContent-Type: {self.media_type}'
        return f"{''.join(texts)}{described}\r\n\r\n".encode()

    def _part(self, name: str) -> str:
        return f'--{self.boundary}\r\nContent-Disposition: form-data; name="{name}"'

    def _tail(self) -> bytes:
        return f"\r\n--{self.boundary}--\r\n".encode()
