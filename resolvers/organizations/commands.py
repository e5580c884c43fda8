"""Input of the mutations of webhooks."""

from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, ValidationInfo
from pydantic.dataclasses import dataclass

from core.webhooks import WebhookEvent
from resolvers.access import validation


def _check_url(text: str, info: ValidationInfo) -> str:
    """Require an absolute http(s) URL; http only for the hosts in ``info.context``, which the operator allowed."""
    try:
        parts = urlsplit(text)
        host, port = parts.hostname, parts.port
    except ValueError:
        host = port = None
    else:
        if parts.username is not None or parts.fragment or not text.isascii() or " " in text:
            host = None
    if not host or parts.scheme not in {"https", "http"} or port == 0:
        raise validation.rule_error(
            "Must be an address as https://hooks.example.org/music, without user, fragment or spaces."
        )
    if parts.scheme == "http" and host not in (info.context or ()):
        raise validation.rule_error("Must begin with https://.")
    return text


@dataclass(frozen=True, slots=True, config=validation.CONFIG)
class CreateWebhook:
    """A URL to call, and the events to call it for. The validators' context is the set of hosts allowed over http."""

    url: Annotated[str, validation.Text(1, 2048), AfterValidator(_check_url)]
    events: Annotated[tuple[WebhookEvent, ...], Field(min_length=1, max_length=len(WebhookEvent))]
