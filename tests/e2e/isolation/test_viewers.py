"""Viewers read their own objects; mutations and REST operations are refused, except for own keys and sessions."""

from datetime import timedelta
from typing import Any, Final

import httpx
import pytest
import pytest_asyncio
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLNonNull,
    is_required_input_field,
)
from sqlalchemy import update
from sqlmodel import col

from core import clock
from rest_compat.operations import Operation
from rest_compat.routes import ALL_OPERATIONS
from storage.postgres.database import Database
from storage.tables import FocusSession, Generation, Membership, Role
from tests.support import factories, owned_resources
from tests.support.graphql.client import data
from tests.support.graphql.foreign_ids import SCHEMA, mutation_document
from tests.support.owned_resources import OwnedIds
from tests.support.rest.client import Contract, Entry, document
from tests.support.users import Cast, Person

__all__ = ["document"]

assert SCHEMA.mutation_type is not None
OWN_CREDENTIALS: Final = {"createApiKey", "revokeApiKey", "endBrowserSession", "endBrowserSessions"}
"""Mutations of the caller's own keys and browser sessions, which give no more than the caller has."""
MUTATIONS: Final = sorted(SCHEMA.mutation_type.fields.keys() - OWN_CREDENTIALS)
CHANGES: Final = [row for row in ALL_OPERATIONS if row.is_change]
SCALARS: Final = {"Int": 1, "Float": 1.0, "Boolean": True, "Decimal": "1"}


@pytest_asyncio.fixture
async def bea_ids(client: httpx.AsyncClient, database: Database, cast: Cast) -> OwnedIds:
    """The resources of Bea, who becomes a viewer afterwards."""
    owned = await owned_resources.create_one_of_each(client, database, cast.bea)
    await set_role(database, cast.bea, Role.VIEWER)
    return owned


async def set_role(database: Database, person: Person, role: Role) -> None:
    async with database.transaction() as session:
        is_person = col(Membership.user_id) == person.user_id
        await session.execute(update(Membership).where(is_person).values(role=role))


def least_value(kind: GraphQLInputType, own: OwnedIds, name: str = "") -> Any:  # noqa: ANN401  JSON
    """Return a valid value with the required fields only."""
    match kind:
        case GraphQLNonNull():
            return least_value(kind.of_type, own, name)
        case GraphQLList():
            return []
        case GraphQLEnumType():
            return next(iter(kind.values))
        case GraphQLInputObjectType():
            fields = {field: value for field, value in kind.fields.items() if is_required_input_field(value)}
            return {field: least_value(value.type, own, field) for field, value in fields.items()}
    if name == "organizationId":
        return own["organization"]
    return SCALARS.get(kind.name, own["track"])


@pytest.mark.parametrize("mutation", MUTATIONS)
async def test_every_mutation_of_a_viewer_is_refused(
    client: httpx.AsyncClient, database: Database, cast: Cast, bea_ids: OwnedIds, mutation: str
) -> None:
    assert SCHEMA.mutation_type is not None
    value = least_value(SCHEMA.mutation_type.fields[mutation].args["input"].type, bea_ids)
    before = await owned_resources.digest_tables(database)
    answer = (await data(client, cast.bea, mutation_document(mutation), input=value))[mutation]
    assert (answer["__typename"], answer["code"]) == ("ForbiddenError", "OPERATION_NOT_ALLOWED")
    assert await owned_resources.digest_tables(database) == before


@pytest.mark.parametrize("row", CHANGES, ids=lambda row: row.name)
async def test_every_rest_operation_of_a_viewer_that_changes_something_is_refused(
    client: httpx.AsyncClient, document: Entry, database: Database, cast: Cast, bea_ids: OwnedIds, row: Operation
) -> None:
    rest = Contract(client, document)
    ids = {f"{kind}_id": bea_ids[kind] for kind in ("job", "track", "collection", "session", "reference_audio")}
    path = {**ids, "share_id": bea_ids["link"], "segment_index": "0", "token": f"shr_{'0' * 32}"}
    before = await owned_resources.digest_tables(database)
    answer = await rest.call(row.name, cast.bea, path=path, json=row.body.example if row.body else None)
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "OPERATION_NOT_ALLOWED")
    assert await owned_resources.digest_tables(database) == before


async def test_a_viewer_reads_its_objects(client: httpx.AsyncClient, cast: Cast, bea_ids: OwnedIds) -> None:
    query = (
        """query($in: ID!, $id: ID!) { organization(id: $in) { track(id: $id) { id } shareLinks { totalCount } } }"""
    )
    seen = await data(client, cast.bea, query, id=bea_ids["track"], **{"in": cast.bea.organization_id})
    assert seen["organization"] == {"track": {"id": bea_ids["track"]}, "shareLinks": {"totalCount": 1}}
    url = f"/v1/music/{cast.bea.organization_id}/tracks/{bea_ids['track']}"
    assert (await client.get(url, headers=cast.bea.headers)).status_code == 200


async def test_a_viewer_that_reads_a_focus_session_schedules_no_segment(
    client: httpx.AsyncClient, database: Database, cast: Cast, bea_ids: OwnedIds
) -> None:
    async with database.transaction() as session:
        ended = update(Generation).where(col(Generation.session_id) == bea_ids["session"])
        await session.execute(ended.values(status="failed", finished_at=clock.now(), lease_expires_at=None))
        # so that no server's loop schedules a segment meanwhile
        idle = update(FocusSession).where(col(FocusSession.id) == bea_ids["session"])
        await session.execute(idle.values(last_listened_at=clock.now() - timedelta(hours=1)))
    before = await factories.load_all(database, Generation), await factories.load_all(database, FocusSession)
    url = f"/v1/music/{cast.bea.organization_id}/focus/sessions/{bea_ids['session']}"
    assert (await client.get(url, headers=cast.bea.headers)).status_code == 200
    after = await factories.load_all(database, Generation), await factories.load_all(database, FocusSession)
    assert [row.model_dump() for rows in after for row in rows] == [row.model_dump() for rows in before for row in rows]


async def test_a_member_of_another_organization_changes_only_that_one(
    client: httpx.AsyncClient, database: Database, cast: Cast, bea_ids: OwnedIds
) -> None:
    async with database.transaction() as session:
        session.add(Membership(organization_id=cast.cid.organization_id, user_id=cast.bea.user_id, role=Role.MEMBER))
    document = mutation_document("createCollection")

    async def create(organization_id: str) -> tuple[str, str | None]:
        fields = {"organizationId": organization_id, "name": "Mine"}
        answer = (await data(client, cast.bea, document, input=fields))["createCollection"]
        return answer["__typename"], answer.get("code")

    assert await create(cast.bea.organization_id) == ("ForbiddenError", "OPERATION_NOT_ALLOWED")
    assert await create(cast.cid.organization_id) == ("CollectionPayload", None)
    deleted = await data(client, cast.bea, mutation_document("deleteTrack"), input={"id": bea_ids["track"]})
    assert deleted["deleteTrack"]["__typename"] == "NotFoundError"
