"""Finished generations with a given render time."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from core import clock, ids
from core.jobs import Status
from storage.tables import Generation
from tests.support.users import Person

LEASE = timedelta(seconds=60)


def build_generation(person: Person, status: Status = Status.QUEUED, **changes: object) -> Generation:
    now = clock.now()
    fields: dict[str, Any] = {
        "id": ids.new(ids.Kind.GENERATION),
        "organization_id": person.organization_id,
        "user_id": person.user_id,
        "status": status,
        "progress": 100 if status is Status.SUCCEEDED else 0,
        "engine": "studio",
        "prompt": "warm lofi beat",
        "duration_seconds": 60,
        "seed": 1,
        "fingerprint": "",
        "cost_chf": Decimal(0),
        "attempts": 0 if status is Status.QUEUED else 1,
        "lease_expires_at": now + LEASE if status is Status.RUNNING else None,
        "finished_at": now if status is Status.SUCCEEDED else None,
        "created_at": now,
    }
    return Generation(**{**fields, **changes})


def build_finished_generation(person: Person, seconds: float, **changes: object) -> Generation:
    """Build a succeeded generation that took this time for a minute of music."""
    now = clock.now()
    times = {"started_at": now - timedelta(seconds=seconds), "finished_at": now, "duration_seconds": 60}
    return build_generation(person, Status.SUCCEEDED, **{**times, **changes})
