"""Read the caller's rows: queries of one table or function, with the access check and the transaction added."""

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Concatenate, Generic, NoReturn, ParamSpec, TypeVar

from sqlalchemy import ColumnElement
from sqlalchemy.ext.asyncio import AsyncSession

from core import ids
from core.errors import NotFound
from resolvers.access.context import Context
from storage.queries import owned
from storage.queries.pagination import Position
from storage.tables import Collection as TrackCollection
from storage.tables import Export, FocusSession, ReferenceAudio, ShareLink

P = ParamSpec("P")
Result = TypeVar("Result")
Row = TypeVar("Row", Export, FocusSession, ReferenceAudio, ShareLink, TrackCollection)
Many = Collection[str]


@dataclass(frozen=True, slots=True)
class OwnRows(Generic[Row]):
    """The rows of a table that the caller owns; ``name`` and ``id_name`` describe a missing one in NotFound."""

    table: type[Row]
    kind: ids.Kind
    name: str
    id_name: str
    key_share: bool = False
    """Whether a lock allows concurrent inserts of rows that refer to the locked one."""

    async def find_many(self, ctx: Context, row_ids: Many) -> dict[str, Row]:
        """Return those of the rows that are the caller's, by id."""
        return await self._find(ctx, row_ids, ctx.caller.roles.keys())

    async def find(self, ctx: Context, row_id: str, organization_id: str | None = None) -> Row | None:
        """Return a row of the caller, in one or any of its organizations."""
        return (await self._find(ctx, [row_id], ctx.scope(organization_id))).get(row_id)

    async def get(self, ctx: Context, row_id: str, organization_id: str | None = None) -> Row:
        """As ``find``, but raise NotFound instead of returning None."""
        return await self.find(ctx, row_id, organization_id) or self.raise_not_found(row_id)

    async def list_page(
        self,
        ctx: Context,
        organization_id: str,
        *conditions: ColumnElement[bool],
        limit: int,
        offset: int = 0,
        after: Position | None = None,
    ) -> Sequence[Row]:
        """Return the caller's rows in an organization, newest first."""
        owner = (organization_id, ctx.require_member(organization_id).user_id)
        async with ctx.services.database.transaction() as session:
            return await owned.page(session, self.table, *owner, *conditions, limit=limit, offset=offset, after=after)

    async def count(self, ctx: Context, organization_id: str, *conditions: ColumnElement[bool]) -> int:
        """Return how many rows ``list_page`` has in all."""
        owner = (organization_id, ctx.require_member(organization_id).user_id)
        async with ctx.services.database.transaction() as session:
            return await owned.count(session, self.table, *owner, *conditions)

    async def lock(self, ctx: Context, session: AsyncSession, row_id: str, scope: Many) -> Row:
        """Return a row of the caller, locked until the transaction ends. Raises NotFound."""
        if not ids.is_a(self.kind, row_id):
            self.raise_not_found(row_id)
        row = await owned.lock(session, self.table, row_id, ctx.caller.user_id, scope, key_share=self.key_share)
        return row or self.raise_not_found(row_id)

    def raise_not_found(self, row_id: str) -> NoReturn:
        """Refuse a row that is missing, deleted or another user's; all get the same response."""
        raise NotFound(self.name, **{self.id_name: row_id})

    async def _find(self, ctx: Context, row_ids: Many, scope: Many) -> dict[str, Row]:
        valid_ids = [row_id for row_id in row_ids if ids.is_a(self.kind, row_id)]
        if not valid_ids:
            return {}
        async with ctx.services.database.transaction() as session:
            rows = await owned.find_many(session, self.table, valid_ids, ctx.caller.user_id, scope)
        return {row.id: row for row in rows}


def for_member(
    query: Callable[Concatenate[AsyncSession, str, str, P], Awaitable[Result]],
) -> Callable[Concatenate[Context, str, P], Awaitable[Result]]:
    """Run a query of an organization id and a user id for the caller, who must be a member of the organization."""

    async def run(ctx: Context, organization_id: str, /, *args: P.args, **kwargs: P.kwargs) -> Result:
        caller = ctx.require_member(organization_id)
        async with ctx.services.database.transaction() as session:
            return await query(session, organization_id, caller.user_id, *args, **kwargs)

    return run


def for_admin(
    query: Callable[Concatenate[AsyncSession, str, P], Awaitable[Result]], refusal: str
) -> Callable[Concatenate[Context, str, P], Awaitable[Result]]:
    """Run a query of an organization id for the caller, who must be an admin of it. Raises Forbidden(refusal)."""

    async def run(ctx: Context, organization_id: str, /, *args: P.args, **kwargs: P.kwargs) -> Result:
        ctx.require_admin(organization_id, refusal)
        async with ctx.services.database.transaction() as session:
            return await query(session, organization_id, *args, **kwargs)

    return run


def for_caller(
    query: Callable[Concatenate[AsyncSession, Many, str, Many, P], Awaitable[Result]],
) -> Callable[Concatenate[Context, Many, P], Awaitable[Result]]:
    """Run a query of row ids, a user id and organization ids for the caller in all its organizations."""

    async def run(ctx: Context, row_ids: Many, /, *args: P.args, **kwargs: P.kwargs) -> Result:
        caller = ctx.caller
        async with ctx.services.database.transaction() as session:
            return await query(session, row_ids, caller.user_id, caller.roles.keys(), *args, **kwargs)

    return run


def unchecked(
    query: Callable[Concatenate[AsyncSession, P], Awaitable[Result]],
) -> Callable[Concatenate[Context, P], Awaitable[Result]]:
    """Run a query without an access check, for arguments that an earlier use case has checked."""

    async def run(ctx: Context, /, *args: P.args, **kwargs: P.kwargs) -> Result:
        async with ctx.services.database.transaction() as session:
            return await query(session, *args, **kwargs)

    return run
