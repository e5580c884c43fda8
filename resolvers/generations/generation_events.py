"""Events of generations: built from a row to publish, applied to a row by subscribers."""

from collections.abc import Mapping
from typing import Any

from core import activity
from core.jobs import Status
from storage.queries import generations
from storage.redis.events import Event
from storage.tables import Generation


def generation_event(row: Generation) -> Event:
    """Build the event of a generation's latest change, with all fields that change while a worker renders it."""
    # subscribers follow a segment through its focus session
    feed = None if row.session_id else activity.feed_name(row.organization_id, row.user_id)
    return Event(row.id, row.sequence, {"status": row.status.value, "progress": row.progress, "stage": row.stage}, feed)


def apply_event(row: Generation, sequence: int, fields: Mapping[str, Any]) -> Generation:
    """Return a copy of the row in the state of an event; ``sequence`` is the number of the generation's change.

    Only for events of queued and running generations: an event has neither the end time nor the reason of a failure.
    """
    changes = {
        "status": Status(fields["status"]),
        "progress": fields["progress"],
        "stage": fields["stage"],
        "sequence": sequence,
    }
    return generations.ROWS.replace(row, **changes)
