"""What a caller may ask of a webhook."""

from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, ValidationInfo
from pydantic.dataclasses import dataclass

from core.webhooks import WebhookEvent
from resolvers.access import validation

_SCHEMES = {"https": 443, "http": 80}


def _address(text: str, info: ValidationInfo) -> str:
    """An absolute http(s) address; without TLS only for hosts that the operator allows (``info.context``)."""
    try:
        parts = urlsplit(text)
        host, port = parts.hostname, parts.port
    except ValueError:
        host = port = None
    else:
        if parts.username is not None or parts.fragment or not text.isascii() or " " in text:
            host = None
    if not host or parts.scheme not in _SCHEMES or port == 0:
        raise validation.problem(
            "Must be an address as https://hooks.example.org/music, without user, fragment or spaces."
        )
    if parts.scheme == "http" and host not in (info.context or ()):
        raise validation.problem("Must begin with https://.")
    return text


@dataclass(frozen=True, slots=True, config=validation.CONFIG)
class CreateWebhook:
    """An address to call, and of what it is told."""

    url: Annotated[str, validation.Text(1, 2048), AfterValidator(_address)]
    events: Annotated[tuple[WebhookEvent, ...], Field(min_length=1, max_length=len(WebhookEvent))]
