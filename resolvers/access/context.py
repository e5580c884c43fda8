"""Who calls, and what a resolver may use: the caller, the parts behind the rooms, and the ports they fill."""

import secrets
from collections.abc import Collection, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Any, Protocol

from core.errors import Forbidden, NotAMember, Unauthenticated
from core.scopes import Scope
from core.settings import Settings
from engines.registry import EngineRegistry
from resolvers.access.content_policy import Policy
from resolvers.signing.signatures import Signer
from storage.blobs.port import BlobStore
from storage.postgres.database import Database
from storage.redis.events import Event, Subscription
from storage.redis.local_rate_limits import LocalRateLimiter
from storage.redis.rate_limits import RateLimitResult
from storage.tables import Role


class Queue(Protocol):
    """Wakes workers; which job they take is for Postgres to say."""

    async def wake(self) -> None:
        """Tell that there is a job more. Raises Unavailable when the queue is away."""


class Feed(Protocol):
    """Tells what changes, to this process and all others."""

    async def publish(self, event: Event) -> None:
        """Append an event; never raises for a feed that is away."""

    async def append_to_feed(self, feed: str, fields: dict[str, Any]) -> None:
        """Append to a feed alone; never raises either."""

    def subscribe(self, topic: str) -> AbstractAsyncContextManager[Subscription]:
        """Follow a topic from now on."""

    async def since(self, topic: str, sequence: int) -> list[Event]:
        """The kept events that are newer than this number."""

    async def newest_sequence(self, topic: str) -> int:
        """The number of the newest event that is kept, or 0."""


class Limiter(Protocol):
    """Counts what may be done so often."""

    async def take(self, key: str, per_minute: int, burst: int, cost: int = 1) -> RateLimitResult:
        """Take so many tokens from the bucket of this key, or none if there are fewer. Raises Unavailable."""


@dataclass(frozen=True, slots=True)
class Caller:
    """A known user, the role in each organization it belongs to, and what its key may do besides."""

    user_id: str
    roles: Mapping[str, Role]
    scopes: frozenset[Scope] = frozenset()


@dataclass(frozen=True, slots=True)
class Services:
    """The parts that every use case shares; made once a process."""

    database: Database
    blobs: BlobStore
    queue: Queue
    feed: Feed
    limiter: Limiter
    engines: EngineRegistry
    policy: Policy
    settings: Settings
    # signs links to streams; one that was not given is known to nobody
    signing_key: bytes = field(default_factory=lambda: secrets.token_bytes(32), repr=False)
    # counts for this process alone while the limiter is away
    local_limiter: LocalRateLimiter = field(default_factory=LocalRateLimiter)
    # likewise for receipts
    receipt_signer: Signer = field(default_factory=Signer.generate, repr=False)


@dataclass(frozen=True, slots=True)
class Context:
    """What a use case is called with. ``identity`` is None for a caller who showed nothing."""

    services: Services
    identity: Caller | None
    client_ip: str = "unknown"

    @property
    def caller(self) -> Caller:
        """The known caller. Raises Unauthenticated."""
        if self.identity is None:
            raise Unauthenticated
        return self.identity

    def require_member(self, organization_id: str) -> Caller:
        """The caller as a member of the organization. Raises Unauthenticated, NotAMember."""
        if organization_id not in self.caller.roles:
            raise NotAMember(organization_id)
        return self.caller

    def require_admin(self, organization_id: str, refusal: str) -> Caller:
        """The caller as an admin of the organization. Raises Unauthenticated, NotAMember, Forbidden."""
        caller = self.require_member(organization_id)
        if caller.roles[organization_id] is not Role.ADMIN:
            raise Forbidden(refusal)
        return caller

    def scope(self, organization_id: str | None) -> Collection[str]:
        """Where to look: the one organization, or all of the caller's. Raises Unauthenticated, NotAMember."""
        if organization_id is None:
            return self.caller.roles.keys()
        self.require_member(organization_id)
        return [organization_id]
