"""Context of a use case: the caller, the services of the process, and the protocols that services implement."""

import asyncio
import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Final, Protocol

from core import activity
from core.activity import ActivityKind
from core.errors import Forbidden, NotAMember, Unauthenticated
from core.scopes import Scope
from core.settings import Settings
from engines.registry import EngineRegistry
from resolvers.access.content_policy import Policy
from resolvers.signing.signatures import Signer
from storage.blobs.port import BlobStore
from storage.postgres.database import Database
from storage.redis.events import EventLog
from storage.redis.rate_limits import LocalRateLimiter, RateLimiter
from storage.tables import Role

_VIEWERS_READ: Final = "Caller is a viewer of the organization, who may read but not change anything"


MAX_DECODERS: Final = 2
"""Uploads that a server decodes at the same time."""


class Queue(Protocol):
    """Wakes workers, which then claim a job from Postgres."""

    async def wake(self) -> None:
        """Wake a worker for a new job. Raises Unavailable."""


@dataclass(frozen=True, slots=True)
class Caller:
    """An authenticated user with its role in each organization and the scopes of its key.

    ``credential_id`` is that of the API key or browser session, None for a token. Callers who differ by nothing else
    are equal: they see the same.
    """

    user_id: str
    roles: Mapping[str, Role]
    scopes: frozenset[Scope] = frozenset()
    credential_id: str | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Services:
    """What all use cases of a process share."""

    database: Database
    blobs: BlobStore
    queue: Queue
    feed: EventLog
    limiter: RateLimiter
    engines: EngineRegistry
    policy: Policy
    settings: Settings
    # of URLs of this server: the first signs, all verify
    signing_keys: tuple[bytes, ...] = field(default_factory=lambda: (secrets.token_bytes(32),), repr=False)
    # used while ``limiter`` is unreachable; counts for this process only
    local_limiter: LocalRateLimiter = field(default_factory=LocalRateLimiter)
    receipt_signer: Signer = field(default_factory=Signer.generate, repr=False)
    # bounds the child processes of this server that decode uploads
    decoders: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(MAX_DECODERS), repr=False)


@dataclass(frozen=True, slots=True)
class Context:
    """A request's services and caller; ``identity`` is None for a request without credentials.

    ``base_url`` is that of the address that the client used, None outside a request.

    ``viewed`` are the organizations that the caller may only view, which ``for_change`` removes from its roles.
    """

    services: Services
    identity: Caller | None
    client_ip: str = "unknown"
    base_url: str | None = None
    viewed: Collection[str] = ()

    def link(self, path: str) -> str:
        """Return the absolute URL of a path of this server."""
        return f"{self.base_url or self.services.settings.public_url}{path}"

    @property
    def caller(self) -> Caller:
        """Return the authenticated caller. Raises Unauthenticated."""
        if self.identity is None:
            raise Unauthenticated
        return self.identity

    def for_change(self) -> "Context":
        """Return the context of a request that changes something, without the organizations that the caller views.

        Both interfaces use it for all their changes. Raises Forbidden if no organization remains.
        """
        if self.identity is None or Role.VIEWER not in self.identity.roles.values():
            return self
        roles = self.identity.roles
        writable = {name: role for name, role in roles.items() if role is not Role.VIEWER}
        if not writable:
            raise Forbidden(_VIEWERS_READ)
        return replace(self, identity=replace(self.identity, roles=writable), viewed=roles.keys() - writable.keys())

    def require_member(self, organization_id: str) -> Caller:
        """Return the caller, who must be a member of the organization.

        Raises Unauthenticated, NotAMember, Forbidden (a viewer changes something).
        """
        if organization_id in self.viewed:
            raise Forbidden(_VIEWERS_READ)
        if organization_id not in self.caller.roles:
            raise NotAMember(organization_id)
        return self.caller

    @property
    def administered(self) -> Collection[str]:
        """Return the ids of the organizations of which the caller is an admin. Raises Unauthenticated."""
        return [organization_id for organization_id, role in self.caller.roles.items() if role is Role.ADMIN]

    def require_admin(self, organization_id: str, refusal: str) -> Caller:
        """Return the caller, who must be an admin there. Raises Unauthenticated, NotAMember, Forbidden."""
        caller = self.require_member(organization_id)
        if caller.roles[organization_id] is not Role.ADMIN:
            raise Forbidden(refusal)
        return caller

    async def publish_activity(
        self, organization_id: str, kind: ActivityKind, subject_id: str, user_id: str | None = None
    ) -> None:
        """Append a committed change to the activity feed of the caller or another user."""
        feed = activity.feed_name(organization_id, user_id or self.caller.user_id)
        await self.services.feed.append_to_feed(feed, {"kind": kind.value, "id": subject_id})

    def scope(self, organization_id: str | None) -> Collection[str]:
        """Return the ids of the given organization or of all the caller's. Raises Unauthenticated, NotAMember."""
        if organization_id is None:
            return self.caller.roles.keys()
        self.require_member(organization_id)
        return [organization_id]
