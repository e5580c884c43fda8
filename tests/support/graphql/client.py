"""GraphQL over HTTP, as a frontend sends it."""

from typing import Any

import httpx

from tests.support.users import Person


async def execute(client: httpx.AsyncClient, person: Person | None, query: str, **variables: object) -> dict[str, Any]:
    """Return the whole response of one operation."""
    headers = person.headers if person else {}
    answer = await client.post("/graphql", json={"query": query, "variables": variables}, headers=headers)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def data(client: httpx.AsyncClient, person: Person | None, query: str, **variables: object) -> Any:  # noqa: ANN401
    """Return the data of one operation; assert that it has no errors."""
    body = await execute(client, person, query, **variables)
    assert "errors" not in body, body["errors"]
    return body["data"]
