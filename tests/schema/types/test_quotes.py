"""``Organization.quote``: the price of a track before it is requested."""

from decimal import Decimal
from typing import Any

import httpx
import pytest

from core.spend_windows import Window
from resolvers.organizations import spending
from storage.postgres.database import Database
from storage.tables import Generation
from tests.support.factories import load_all
from tests.support.graphql.client import data, execute
from tests.support.users import Cast

QUOTE = """query($id: ID!, $seconds: Int!, $engine: String) { organization(id: $id) {
  quote(durationSeconds: $seconds, engine: $engine) {
    engine durationSeconds costChf exceededCap { window limitChf committedChf }
  }
} }"""


async def quote(client: httpx.AsyncClient, cast: Cast, seconds: int) -> dict[str, Any]:
    answer = await data(client, cast.bea, QUOTE, id=cast.bea.organization_id, seconds=seconds)
    found: dict[str, Any] = answer["organization"]["quote"]
    return found


async def test_a_quote_is_the_price_and_reserves_nothing(
    client: httpx.AsyncClient, database: Database, cast: Cast
) -> None:
    expected = {"engine": "studio", "durationSeconds": 90, "costChf": "0.3000", "exceededCap": None}
    assert await quote(client, cast, 90) == expected
    assert await load_all(database, Generation) == []


@pytest.mark.parametrize(("seconds", "is_exceeded"), [(30, False), (31, True)])
async def test_a_quote_names_the_cap_that_it_exceeds(
    client: httpx.AsyncClient, database: Database, cast: Cast, seconds: int, *, is_exceeded: bool
) -> None:
    await spending.set_limit_as_operator(database, cast.bea.organization_id, Window.WEEK, Decimal("0.1"))
    cap = {"window": "WEEK", "limitChf": "0.1000", "committedChf": "0"} if is_exceeded else None
    assert (await quote(client, cast, seconds))["exceededCap"] == cap


async def test_invalid_values_have_the_problems_of_a_generation(client: httpx.AsyncClient, cast: Cast) -> None:
    body = await execute(client, cast.ada, QUOTE, id=cast.ada.organization_id, seconds=601)
    assert body["data"] == {"organization": {"quote": None}}
    assert body["errors"][0]["extensions"]["errors"] == [
        {"field": "duration_seconds", "message": "Must be at most 600 for this engine."}
    ]
    body = await execute(client, cast.ada, QUOTE, id=cast.ada.organization_id, seconds=60, engine="none")
    assert body["errors"][0]["extensions"]["errors"][0]["field"] == "engine"
