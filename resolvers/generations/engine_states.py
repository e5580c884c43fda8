"""Whether engines can be used now, and how long a new job waits for them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from core import clock
from resolvers.access.context import Context
from storage.queries import engine_checks
from storage.queue import engine_load
from storage.queue.engine_load import EngineLoad
from storage.tables import CheckResult, EngineCheck

_VALID_INTERVALS: Final = 3
"""The age of a check, in intervals, above which the state is unknown: no worker is checking."""


class EngineStatus(StrEnum):
    """Whether a remote engine can be used."""

    AVAILABLE = "available"
    """It answered the last health check."""
    UNAVAILABLE = "unavailable"
    """It did not answer the last health check, or cannot be used. Jobs wait until it can."""
    UNKNOWN = "unknown"
    """It was not checked lately, or cannot be checked without costs."""


@dataclass(frozen=True, slots=True)
class EngineHealth:
    """The last health check of a remote engine.

    ``message`` is a sentence for users, None if the engine is available. ``available_at`` is when it last was.
    """

    status: EngineStatus
    message: str | None
    checked_at: datetime | None
    available_at: datetime | None


@dataclass(frozen=True, slots=True)
class EngineQueue:
    """The jobs of all users at an engine.

    ``wait_seconds`` is how long a new job waits at most, if all jobs that wait now come first. It is None without
    recent jobs to estimate it from, or if the engine is unavailable. ``seconds_per_minute`` is the median time in which
    a minute of music is made.
    """

    queued: int
    running: int
    wait_seconds: float | None
    seconds_per_minute: float | None


@dataclass(frozen=True, slots=True)
class EngineState:
    """The state of an engine; ``health`` is None for engines that run in the workers."""

    health: EngineHealth | None
    queue: EngineQueue


async def load_states(ctx: Context, engines: Collection[str]) -> dict[str, EngineState]:
    """Return the states of enabled engines, by key. Sends no request to a peer."""
    registry, settings = ctx.services.engines, ctx.services.settings
    infos = [info.key for info in registry.infos]
    async with ctx.services.database.transaction() as session:
        loads = await engine_load.load(session, infos)
        checks = await engine_checks.find_many(session, settings.engines.remote.keys() & set(engines))
    local = [load for key, load in loads.items() if registry.remote(key) is None]
    states: dict[str, EngineState] = {}
    for key in engines:
        load, entry = loads[key], registry.remote(key)
        if entry is None:
            wait = _wait(local, max(sum(each.running for each in local), settings.workers.count))
            states[key] = EngineState(None, _queue(load, wait))
            continue
        check = checks.get(key)
        health = _health(check, timedelta(seconds=entry.settings.check_seconds))
        wait = _wait_at_peer(load, entry.settings.max_jobs, check) if health.status in _USABLE else None
        states[key] = EngineState(health, _queue(load, wait))
    return states


_USABLE: Final = (EngineStatus.AVAILABLE, EngineStatus.UNKNOWN)
_STATUSES: Final[Mapping[CheckResult, EngineStatus]] = {
    CheckResult.AVAILABLE: EngineStatus.AVAILABLE,
    CheckResult.UNAVAILABLE: EngineStatus.UNAVAILABLE,
    CheckResult.NOT_CHECKED: EngineStatus.UNKNOWN,
}
_NOT_CHECKED: Final = "No worker has checked the engine lately."


def _health(check: EngineCheck | None, interval: timedelta) -> EngineHealth:
    if check is None or check.checked_at is None or check.result is None:
        return EngineHealth(EngineStatus.UNKNOWN, _NOT_CHECKED, None, None)
    if clock.now() - check.checked_at > _VALID_INTERVALS * interval:
        return EngineHealth(EngineStatus.UNKNOWN, _NOT_CHECKED, check.checked_at, check.available_at)
    status = _STATUSES[check.result]
    message = None if status is EngineStatus.AVAILABLE else check.message
    return EngineHealth(status, message, check.checked_at, check.available_at)


def _wait(loads: Collection[EngineLoad], places: int) -> float | None:
    """Return the seconds until one of ``places`` is free for a new job; None if the speed of an engine is unknown."""
    if sum(load.queued + load.running for load in loads) < places:
        return 0.0
    seconds = 0.0
    for load in loads:
        if load.open_seconds and load.speed is None:
            return None
        seconds += load.open_seconds * (load.speed or 0.0)
    return seconds / places


def _wait_at_peer(load: EngineLoad, places: int, check: EngineCheck | None) -> float | None:
    """Return the wait for a place at a peer, which may also have jobs of others."""
    wait = _wait([load], places)
    if wait is None or check is None or not check.jobs_ahead or not check.seconds_per_job:
        return wait
    return max(wait, check.jobs_ahead * check.seconds_per_job)


def _queue(load: EngineLoad, wait: float | None) -> EngineQueue:
    speed = None if load.speed is None else round(load.speed * 60, 1)
    return EngineQueue(load.queued, load.running, None if wait is None else round(wait, 1), speed)
