"""Webhook outbox: write deliveries in the transaction of the change they report; a worker sends them later."""

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from core import clock
from core.jobs import Status
from core.webhooks import WebhookEvent
from storage.queries import webhooks
from storage.tables import Generation, Track

_EVENTS: Final[Mapping[Status, WebhookEvent]] = {
    Status.SUCCEEDED: WebhookEvent.GENERATION_SUCCEEDED,
    Status.FAILED: WebhookEvent.GENERATION_FAILED,
    Status.CANCELLED: WebhookEvent.GENERATION_CANCELLED,
    Status.REFUSED: WebhookEvent.GENERATION_REFUSED,
}


async def enqueue_event(session: AsyncSession, row: Generation | None) -> None:
    """Enqueue the event of a generation that has ended; do nothing for any other.

    A segment of a focus session has an event only when it succeeded.
    """
    if row is None or row.status not in _EVENTS:
        return
    event = _EVENTS[row.status]
    if row.session_id is not None:
        if row.status is not Status.SUCCEEDED:
            return
        event = WebhookEvent.FOCUS_SEGMENT_READY
    now = clock.now()
    track_id = await session.scalar(select(col(Track.id)).where(col(Track.generation_id) == row.id))
    payload = {"type": event.value, "timestamp": clock.iso(now), "data": _data(row, track_id)}
    await webhooks.insert_deliveries(session, row.organization_id, event.value, payload, now)
    if row.callback_url is not None:
        webhooks.insert_callback(session, row.id, event.value, payload, now)


def _data(row: Generation, track_id: str | None) -> dict[str, Any]:
    owner = {"organization_id": row.organization_id, "user_id": row.user_id, "track_id": track_id}
    if row.session_id is not None:
        return {**owner, "focus_session_id": row.session_id, "segment_index": row.segment_index}
    return {
        **owner,
        "generation_id": row.id,
        "status": row.status.value,
        "error_message": row.error_message,
        "refusal_reason": row.refusal_reason,
    }
