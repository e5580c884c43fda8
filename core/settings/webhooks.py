"""Webhooks."""

from typing import Annotated

from pydantic import AfterValidator, Field, PositiveFloat

from core.network import public_addresses
from core.settings.values import CommaSeparated, Section
from core.webhooks import MAX_ROTATION


def _parse_allowed_hosts(value: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(map(public_addresses.parse_allowed_host, value))


class WebhookSettings(Section):
    """Deliveries to URLs that organizations choose."""

    allowed_hosts: Annotated[CommaSeparated, AfterValidator(_parse_allowed_hosts)] = ()
    """Hosts that are allowed although they are private or without TLS, each on its named port, such as hooks.lan:8080,
    separated by commas. Without a port, 80 and 443 are allowed; hooks.lan:* allows every port."""
    timeout_seconds: PositiveFloat = 10
    """Seconds in which a receiver must respond; otherwise the attempt fails."""
    poll_seconds: PositiveFloat = 1
    """Interval in seconds at which due deliveries are looked up."""
    rotation_seconds: int = Field(86_400, ge=0, le=int(MAX_ROTATION.total_seconds()))
    """Seconds in which deliveries are signed with the previous secret too after a rotation, unless it names others."""
