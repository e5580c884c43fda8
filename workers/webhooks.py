"""Sends what stands in the outbox: signed, again and again for a day, each try written down."""

import asyncio
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

import orjson
from standardwebhooks import Webhook as Signer

from core import cancellations, clock
from core.errors import Refusal
from core.settings import WebhookSettings
from core.webhooks import KEPT_ATTEMPTS, DeliveryStatus, delay
from storage import webhooks
from storage.databases import Database
from storage.tables import Webhook, WebhookDelivery
from workers.callouts import Callouts, Unreachable

log = logging.getLogger(__name__)

_AT_ONCE: Final = 20
_LEASE: Final = timedelta(minutes=2)
"""A sender that dies leaves its deliveries to the others after this."""


@dataclass(frozen=True, slots=True)
class Sender:
    """Sends the due deliveries of an installation; any number of these may work side by side."""

    database: Database
    callouts: Callouts

    async def send_due(self) -> int:
        """Try everything that is due now; how many tries that were. Raises Unavailable."""
        async with self.database.transaction() as session:
            due = await webhooks.claim(session, _AT_ONCE, _LEASE)
        await asyncio.gather(*(self._deliver(delivery, webhook) for delivery, webhook in due))
        return len(due)

    async def _deliver(self, delivery: WebhookDelivery, webhook: Webhook) -> None:
        attempt = await self._attempt(delivery, webhook)
        is_done = attempt["error"] is None
        wait = None if is_done else delay(delivery.tries + 1)
        status = (
            DeliveryStatus.DELIVERED if is_done else DeliveryStatus.FAILED if wait is None else DeliveryStatus.PENDING
        )
        kept = [*delivery.attempts, attempt][-KEPT_ATTEMPTS:]
        async with self.database.transaction() as session:
            await webhooks.settle(session, delivery.id, kept, status, wait)
        log.info("webhook called", extra={"delivery": delivery.id, "webhook": webhook.id, **attempt})

    async def _attempt(self, delivery: WebhookDelivery, webhook: Webhook) -> dict[str, Any]:
        began, started = clock.now(), time.perf_counter()
        status, error = None, None
        try:
            status = await self.callouts.post(webhook.url, *signed(delivery, webhook))
        except Unreachable as unreachable:
            error = str(unreachable)
        if status is not None and not 200 <= status < 300:  # noqa: PLR2004  HTTP's successes
            error = f"Answered with status {status}"
        milliseconds = round((time.perf_counter() - started) * 1000)
        return {"at": clock.iso(began), "status": status, "error": error, "milliseconds": milliseconds}


def signed(delivery: WebhookDelivery, webhook: Webhook) -> tuple[Mapping[str, str], bytes]:
    """Headers and body after the Standard Webhooks specification; the id is the same at every try."""
    body, now = orjson.dumps(delivery.payload), clock.now()
    headers = {
        "content-type": "application/json",
        "user-agent": "music-studio-webhooks",
        "webhook-id": delivery.id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Signer(webhook.secret).sign(delivery.id, now, body.decode()),
    }
    return headers, body


async def run_forever(database: Database, settings: WebhookSettings) -> None:
    """Send again and again; whatever is away now will be there later."""
    sender = Sender(database, Callouts(settings.allowed_hosts, settings.timeout_seconds))
    while not cancellations.is_asked():
        sent = 0
        try:
            sent = await sender.send_due()
        except Refusal as refusal:
            log.warning("webhooks wait", extra={"reason": refusal.technical})
        if sent < _AT_ONCE:
            await asyncio.sleep(settings.poll_seconds)
