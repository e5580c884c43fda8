"""Sends what stands in the outbox: signed, again and again for a day, each try written down."""

import asyncio
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

import orjson
from sqlalchemy.ext.asyncio import AsyncSession
from standardwebhooks import Webhook as Signer

from core import asyncio_cancel, clock
from core.errors import Refusal, Unavailable
from core.settings import WebhookSettings
from core.webhooks import MAX_STORED_ATTEMPTS, DeliveryStatus, retry_delay
from storage.postgres.database import Database
from storage.queries import webhooks
from storage.tables import Webhook, WebhookDelivery
from workers.loops.safe_http import SafeHttpClient, UnreachableError

log = logging.getLogger(__name__)

_AT_ONCE: Final = 20
_SPARE: Final = timedelta(minutes=2)
"""A sender that dies leaves its deliveries to the others so long after they ought to have been answered."""


@dataclass(frozen=True, slots=True)
class Sender:
    """Sends the due deliveries of an installation; any number of these may work side by side."""

    database: Database
    http: SafeHttpClient

    async def send_due(self) -> int:
        """Try everything that is due now; how many tries that were. Raises Unavailable."""
        async with self.database.transaction() as session:
            lease = timedelta(seconds=self.http.timeout_seconds) + _SPARE
            due = await webhooks.claim(session, _AT_ONCE, lease)
        await asyncio.gather(*(self._deliver(delivery, webhook) for delivery, webhook in due))
        return len(due)

    async def _deliver(self, delivery: WebhookDelivery, webhook: Webhook) -> None:
        attempt = await self._attempt(delivery, webhook)
        log.info("webhook called", extra={"delivery": delivery.id, "webhook": webhook.id, **attempt})
        try:
            async with self.database.transaction() as session:
                await _settle(session, delivery.id, attempt)
        except Unavailable as refusal:
            # nobody knows of this call: when the lease is over it is made again
            log.warning("webhook's answer lost", extra={"delivery": delivery.id, "reason": refusal.technical})

    async def _attempt(self, delivery: WebhookDelivery, webhook: Webhook) -> dict[str, Any]:
        began, started = clock.now(), time.perf_counter()
        status, error = None, None
        try:
            status = await self.http.post(webhook.url, *sign(delivery, webhook))
        except UnreachableError as unreachable:
            error = str(unreachable)
        except Exception:
            log.exception("webhook's call broke", extra={"delivery": delivery.id})
            error = "The call could not be made"
        if status is not None and not 200 <= status < 300:  # noqa: PLR2004  HTTP's successes
            error = f"Answered with status {status}"
        milliseconds = round((time.perf_counter() - started) * 1000)
        return {"at": clock.iso(began), "status": status, "error": error, "milliseconds": milliseconds}


async def _settle(session: AsyncSession, delivery_id: str, attempt: dict[str, Any]) -> None:
    """Write a try down, and what it means for a delivery that still waits for its outcome."""
    row = await webhooks.lock_delivery(session, delivery_id)
    row.attempts = [*row.attempts, attempt][-MAX_STORED_ATTEMPTS:]
    # meanwhile its webhook may have been deleted, or somebody else's try have come through
    if row.status is not DeliveryStatus.PENDING:
        return
    row.tries += 1
    wait = retry_delay(row.tries)
    if attempt["error"] is None:
        row.status, row.next_attempt_at = DeliveryStatus.DELIVERED, None
    elif wait is None:
        row.status, row.next_attempt_at = DeliveryStatus.FAILED, None
    else:
        await webhooks.reschedule(session, row.id, wait)


def sign(delivery: WebhookDelivery, webhook: Webhook) -> tuple[Mapping[str, str], bytes]:
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
    sender = Sender(database, SafeHttpClient(settings.allowed_hosts, settings.timeout_seconds))
    while not asyncio_cancel.is_cancelling():
        sent = 0
        try:
            sent = await sender.send_due()
        except Refusal as refusal:
            log.warning("webhooks wait", extra={"reason": refusal.technical})
        except Exception:
            log.exception("sending webhooks broke, and goes on")
        if sent < _AT_ONCE:
            await asyncio.sleep(settings.poll_seconds)
