"""Deliver webhooks from the outbox: signed, retried for a day, with each attempt recorded."""

import asyncio
import logging
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from typing import Any, Final

import orjson
from sqlalchemy.ext.asyncio import AsyncSession
from standardwebhooks import Webhook as Signer

from core import asyncio_cancel, clock
from core.errors import Unavailable
from core.settings import WebhookSettings
from core.webhooks import MAX_STORED_ATTEMPTS, DeliveryStatus, parse_retry_after, retry_delay
from storage.postgres.database import Database
from storage.queries import webhooks
from storage.queries.webhooks import Target
from storage.tables import WebhookDelivery
from workers import periodic
from workers.loops.safe_http import SafeHttpClient, UnreachableError

log = logging.getLogger(__name__)

_BATCH_SIZE: Final = 20
_LEASE_MARGIN: Final = timedelta(minutes=2)
"""Time beyond the timeout of a call after which other senders take over the deliveries of a dead one."""

_STATUSES_WITH_RETRY_AFTER: Final = (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE)
_GONE: Final = "The receiver responded with 410 (Gone)"


@dataclass(frozen=True, slots=True)
class Sender:
    """Sends due deliveries. Several senders may run side by side."""

    database: Database
    http: SafeHttpClient

    async def send_due(self) -> int:
        """Attempt a batch of due deliveries and return its size. Raises Unavailable."""
        async with self.database.transaction() as session:
            lease = timedelta(seconds=self.http.timeout_seconds) + _LEASE_MARGIN
            due = await webhooks.claim(session, _BATCH_SIZE, lease, clock.now())
        await asyncio.gather(*(self._deliver(delivery, target) for delivery, target in due))
        return len(due)

    async def send_all_due(self) -> None:
        while await self.send_due() == _BATCH_SIZE and not asyncio_cancel.is_cancelling():
            pass

    async def _deliver(self, delivery: WebhookDelivery, target: Target) -> None:
        attempt, retry_after = await self._attempt(delivery, target)
        data = delivery.payload["data"]
        # a callback belongs to no webhook
        subject = {"webhook": target.webhook_id} if target.webhook_id else {}
        extra = {"delivery": delivery.id, **subject, "job": data.get("generation_id") or data.get("track_id")}
        log.info("webhook delivery attempted", extra={**extra, **attempt})
        try:
            async with self.database.transaction() as session:
                if attempt["status"] == HTTPStatus.GONE and target.webhook_id is not None:
                    await webhooks.disable(session, target.webhook_id, _GONE, clock.now())
                    log.warning("webhook disabled", extra={"webhook": target.webhook_id, "reason": _GONE})
                await _record(session, delivery.id, attempt, retry_after)
        except Unavailable as refusal:
            # the call is repeated when the lease expires
            log.warning(
                "webhook delivery not recorded; retrying", extra={"delivery": delivery.id, "reason": refusal.technical}
            )

    async def _attempt(self, delivery: WebhookDelivery, target: Target) -> tuple[dict[str, Any], timedelta]:
        """Return the attempt as it is stored, and the delay that the receiver requests."""
        at, started = clock.now(), time.perf_counter()
        status, error, retry_after = None, None, timedelta()
        try:
            response = await self.http.post(target.url, *sign(delivery, target.secrets))
            status = response.status
            if status in _STATUSES_WITH_RETRY_AFTER:
                retry_after = parse_retry_after(response.retry_after, clock.now())
        except UnreachableError as unreachable:
            error = str(unreachable)
        except Exception:
            log.exception("webhook call failed", extra={"delivery": delivery.id})
            error = "The call could not be made"
        if status is not None and not 200 <= status < 300:  # noqa: PLR2004  HTTP's successes
            error = f"Response with status {status}"
        milliseconds = round((time.perf_counter() - started) * 1000)
        return {"at": clock.iso(at), "status": status, "error": error, "milliseconds": milliseconds}, retry_after


async def _record(session: AsyncSession, delivery_id: str, attempt: dict[str, Any], retry_after: timedelta) -> None:
    row = await webhooks.lock_delivery(session, delivery_id)
    if row is None:
        return
    row.attempts = [*row.attempts, attempt][-MAX_STORED_ATTEMPTS:]
    # meanwhile the webhook may have been deleted or disabled, or the attempt of another sender may have succeeded
    if row.status is not DeliveryStatus.PENDING:
        return
    row.tries += 1
    delay = retry_delay(row.tries, retry_after)
    if attempt["error"] is None:
        row.status, row.next_attempt_at = DeliveryStatus.DELIVERED, None
    elif delay is None or attempt["status"] == HTTPStatus.GONE:
        row.status, row.next_attempt_at = DeliveryStatus.FAILED, None
    else:
        await webhooks.reschedule(session, row.id, delay)


def sign(delivery: WebhookDelivery, secrets: Iterable[str]) -> tuple[Mapping[str, str], bytes]:
    """Return headers and body as specified by Standard Webhooks, with a signature of each secret.

    The id is the same in all attempts.
    """
    body, now = orjson.dumps(delivery.payload), clock.now()
    headers = {
        "content-type": "application/json",
        "user-agent": "music-studio-webhooks",
        "webhook-id": delivery.id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(Signer(secret).sign(delivery.id, now, body.decode()) for secret in secrets),
    }
    return headers, body


async def run_forever(database: Database, settings: WebhookSettings) -> None:
    sender = Sender(database, SafeHttpClient(settings.allowed_hosts, settings.timeout_seconds))
    await periodic.run_forever("webhook deliveries", sender.send_all_due, settings.poll_seconds)
