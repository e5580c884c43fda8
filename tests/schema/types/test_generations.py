"""Generations in the GraphQL API."""

import httpx

from core import ids
from tests.support.graphql.client import data, execute
from tests.support.users import Cast, Person

CREATE = """
mutation Create($input: CreateGenerationInput!) {
  createGeneration(input: $input) {
    __typename
    ... on CreateGenerationPayload { isReplay generation { id status progress engine prompt styleTags costChf } }
    ... on Error { code message }
    ... on InvalidInputError { problems { path message } }
  }
}
"""
CANCEL = """
mutation Cancel($input: CancelGenerationInput!) {
  cancelGeneration(input: $input) {
    __typename
    ... on CancelGenerationPayload { generation { id status finishedAt } }
    ... on Error { code message }
  }
}
"""
LIST = """
query List($id: ID!, $first: Int! = 20, $after: String, $status: GenerationStatus) {
  organization(id: $id) {
    generations(first: $first, after: $after, status: $status) {
      totalCount
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
      edges { cursor node { id prompt track { id } } }
    }
  }
}
"""


async def create(client: httpx.AsyncClient, person: Person, **fields: object) -> dict[str, object]:
    input_ = {"organizationId": person.organization_id, "prompt": "warm lofi", "durationSeconds": 30, **fields}
    answer: dict[str, object] = (await data(client, person, CREATE, input=input_))["createGeneration"]
    return answer


async def created_id(client: httpx.AsyncClient, person: Person, **fields: object) -> str:
    answer = await create(client, person, **fields)
    assert isinstance(answer["generation"], dict)
    return str(answer["generation"]["id"])


async def test_a_request_is_accepted_with_the_default_engine_and_its_price(
    client: httpx.AsyncClient, cast: Cast
) -> None:
    answer = await create(client, cast.ada, styleTags=["lofi"])
    assert answer["__typename"] == "CreateGenerationPayload"
    assert answer["isReplay"] is False
    generation = answer["generation"]
    assert isinstance(generation, dict)
    assert ids.is_a(ids.Kind.GENERATION, generation.pop("id"))
    assert generation == {
        "status": "QUEUED",
        "progress": 0,
        "engine": "studio",
        "prompt": "warm lofi",
        "styleTags": ["lofi"],
        "costChf": "0.1000",
    }


async def test_null_and_blank_optional_fields_are_left_out(client: httpx.AsyncClient, cast: Cast) -> None:
    names = ("engine", "mode", "instrumental", "lyrics", "seedTrackId", "styleTags", "title", "loop")
    first = await created_id(client, cast.ada, idempotencyKey="same", **dict.fromkeys(names))
    texts = dict.fromkeys(("engine", "lyrics", "seedTrackId", "title"), " ")
    # equal requests, so they return the same generation
    assert await created_id(client, cast.ada, idempotencyKey="same", **texts, instrumental=False) == first
    assert await created_id(client, cast.ada, idempotencyKey="same") == first
    blank_key = await create(client, cast.ada, idempotencyKey="")
    assert [problem["path"] for problem in blank_key["problems"]] == [["idempotencyKey"]]  # type: ignore[attr-defined]


async def test_all_problems_are_listed_with_graphql_names(client: httpx.AsyncClient, cast: Cast) -> None:
    answer = await create(client, cast.ada, prompt=" ", durationSeconds=0, engine="nope", styleTags=[""], lyrics="la")
    assert answer["__typename"] == "InvalidInputError"
    assert answer["code"] == "VALIDATION_ERROR"
    problems = answer["problems"]
    assert isinstance(problems, list)
    assert [problem["path"] for problem in problems] == [
        ["engine"],
        ["prompt"],
        ["durationSeconds"],
        ["styleTags", "0"],
    ]
    assert problems[0]["message"] == "Must be an enabled engine: studio."


async def test_a_foreign_organization_is_forbidden(client: httpx.AsyncClient, cast: Cast) -> None:
    answer = await create(client, cast.ada, organizationId=cast.cid.organization_id)
    assert answer == {
        "__typename": "ForbiddenError",
        "code": "ORGANIZATION_ACCESS_DENIED",
        "message": "You do not have access to this organization.",
    }


async def test_an_idempotency_key_returns_the_same_generation(client: httpx.AsyncClient, cast: Cast) -> None:
    first = await create(client, cast.ada, idempotencyKey="once")
    again = await create(client, cast.ada, idempotencyKey="once")
    assert again["isReplay"] is True
    assert again["generation"] == first["generation"]
    other = await create(client, cast.ada, idempotencyKey="once", prompt="another")
    assert other["__typename"] == "ConflictError"


async def test_a_queued_generation_is_cancelled_at_once(client: httpx.AsyncClient, cast: Cast) -> None:
    generation_id = await created_id(client, cast.ada)
    answer = (await data(client, cast.ada, CANCEL, input={"id": generation_id}))["cancelGeneration"]
    assert answer["generation"]["status"] == "CANCELLED"
    assert answer["generation"]["finishedAt"] is not None
    again = (await data(client, cast.ada, CANCEL, input={"id": generation_id}))["cancelGeneration"]
    assert again == answer


async def test_users_cannot_cancel_generations_of_others(client: httpx.AsyncClient, cast: Cast) -> None:
    generation_id = await created_id(client, cast.ada)
    for other_user in (cast.bea, cast.cid):
        answer = (await data(client, other_user, CANCEL, input={"id": generation_id}))["cancelGeneration"]
        assert answer["__typename"] == "NotFoundError"
    mine = await data(
        client, cast.ada, "query($id: ID!) { node(id: $id) { ... on Generation { status } } }", id=generation_id
    )
    assert mine == {"node": {"status": "QUEUED"}}


async def test_generations_are_paginated_newest_first(client: httpx.AsyncClient, cast: Cast) -> None:
    created = [await created_id(client, cast.ada, prompt=f"piece {number}") for number in range(5)]
    await created_id(client, cast.bea)
    seen: list[str] = []
    after = None
    for expected in (True, True, False):
        page = (await data(client, cast.ada, LIST, id=cast.ada.organization_id, first=2, after=after))["organization"]
        connection = page["generations"]
        assert connection["totalCount"] == 5
        assert connection["pageInfo"]["hasNextPage"] is expected
        assert connection["pageInfo"]["hasPreviousPage"] is (after is not None)
        seen += [edge["node"]["id"] for edge in connection["edges"]]
        after = connection["pageInfo"]["endCursor"]
    assert seen == created[::-1]


async def test_a_list_can_be_filtered_by_status(client: httpx.AsyncClient, cast: Cast) -> None:
    queued_id = await created_id(client, cast.ada)
    cancelled_id = await created_id(client, cast.ada)
    await data(client, cast.ada, CANCEL, input={"id": cancelled_id})
    page = await data(client, cast.ada, LIST, id=cast.ada.organization_id, status="QUEUED")
    assert [edge["node"]["id"] for edge in page["organization"]["generations"]["edges"]] == [queued_id]
    assert page["organization"]["generations"]["totalCount"] == 1


async def test_a_page_size_out_of_range_and_a_malformed_cursor_are_rejected(
    client: httpx.AsyncClient, cast: Cast
) -> None:
    for wrong in ({"first": 101}, {"first": -1}, {"after": "nonsense"}, {"after": "W10"}):
        body = await execute(client, cast.ada, LIST, id=cast.ada.organization_id, **wrong)
        assert body["errors"][0]["extensions"]["code"] == "VALIDATION_ERROR"


async def test_a_foreign_or_malformed_id_is_null(client: httpx.AsyncClient, cast: Cast) -> None:
    generation_id = await created_id(client, cast.ada)
    query = "query($id: ID!, $org: ID!) { node(id: $id) { id } organization(id: $org) { generation(id: $id) { id } } }"
    for wrong in (generation_id, "mgen_nope", "", "org_" + "0" * 24, "mtrack_" + "0" * 24, "\x00"):
        body = await data(client, cast.bea, query, id=wrong, org=cast.bea.organization_id)
        assert body == {"node": None, "organization": {"generation": None}}
    assert await data(client, cast.bea, query, id="x", org=cast.cid.organization_id) == {
        "node": None,
        "organization": None,
    }


async def test_missing_credentials_are_a_top_level_error(client: httpx.AsyncClient, cast: Cast) -> None:
    body = await execute(client, None, "{ viewer { name } }")
    assert body["data"] is None
    assert body["errors"][0]["message"] == "Authentication required. Please provide a valid API key."
    assert body["errors"][0]["extensions"]["code"] == "AUTHENTICATION_REQUIRED"


async def test_invalid_credentials_give_status_401(client: httpx.AsyncClient, cast: Cast) -> None:
    answer = await client.post("/graphql", json={"query": "{ __typename }"}, headers={"X-API-Key": "ak_nonsense"})
    assert answer.status_code == 401
    assert answer.json()["errors"][0]["extensions"]["code"] == "INVALID_API_KEY"


async def test_the_viewer_sees_its_organizations_and_engines(client: httpx.AsyncClient, cast: Cast) -> None:
    query = "{ viewer { id name organizations { id name engines { key isDefault licence { class commercialUse } } } } }"
    assert await data(client, cast.ada, query) == {
        "viewer": {
            "id": cast.ada.user_id,
            "name": "Ada",
            "organizations": [
                {
                    "id": cast.ada.organization_id,
                    "name": "First",
                    "engines": [
                        {
                            "key": "studio",
                            "isDefault": True,
                            "licence": {"class": "COMMERCIAL_CLEARED", "commercialUse": True},
                        }
                    ],
                }
            ],
        }
    }


async def test_the_styles_of_an_engine_are_named_in_requests(client: httpx.AsyncClient, cast: Cast) -> None:
    query = (
        "query($id: ID!) { organization(id: $id) { engines { styles { key name keywords moods metre minTempoBpm } } } }"
    )
    answer = await data(client, cast.ada, query, id=cast.ada.organization_id)
    styles = answer["organization"]["engines"][0]["styles"]
    [waltz] = [style for style in styles if style["key"] == "waltz"]
    assert waltz == {
        "key": "waltz",
        "name": "Waltz",
        "keywords": ["viennese waltz", "viennese waltzes", "ballroom waltz", "waltz music", "waltz"],
        "moods": ["happy", "dreamy", "warm"],
        "metre": "3/4",
        "minTempoBpm": 144.0,
    }
    read = "query($input: ExplainPromptInput!) { explainPrompt(input: $input) { style { key origin } } }"
    for tag in (waltz["name"], waltz["keywords"][1]):
        reading = await data(client, cast.ada, read, input={"prompt": "calm", "styleTags": [tag]})
        assert reading["explainPrompt"]["style"] == {"key": "waltz", "origin": "NAMED"}
