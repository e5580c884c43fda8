"""Reference audio and sources in GraphQL, and the same request by REST."""

from typing import Any, Final

import httpx

from core.settings import Settings
from storage.postgres.database import Database
from storage.tables import Generation
from tests.support import factories
from tests.support.graphql.client import data
from tests.support.reference_audios import send_file, upload
from tests.support.remote.tone_files import tone_wav
from tests.support.rest.client import Contract
from tests.support.users import Cast

CREATE: Final = """
mutation Create($input: CreateReferenceAudioInput!) {
  createReferenceAudio(input: $input) {
    __typename
    ... on CreateReferenceAudioPayload {
      referenceAudio {
        id name basis statement licenceClass attribution declaredAt expiresAt uploadedAt sha256 sizeBytes
        durationSeconds uploadUrl
      }
    }
    ... on InvalidInputError { problems { path message } }
  }
}
"""
LIST: Final = """
query List($id: ID!) {
  organization(id: $id) { referenceAudios { totalCount edges { node { id name durationSeconds uploadUrl } } } }
}
"""
DELETE: Final = """
mutation Delete($input: DeleteReferenceAudioInput!) {
  deleteReferenceAudio(input: $input) {
    __typename ... on DeleteReferenceAudioPayload { deletedId } ... on Error { code }
  }
}
"""
GENERATE: Final = """
mutation Generate($input: CreateGenerationInput!) {
  createGeneration(input: $input) {
    __typename ... on InvalidInputError { problems { path message } }
  }
}
"""
QUOTE: Final = """
query Quote($id: ID!, $request: ExplainPromptInput) {
  organization(id: $id) { quote(durationSeconds: 11, request: $request) { costChf } }
}
"""


async def test_a_declaration_leads_to_an_upload(client: httpx.AsyncClient, cast: Cast, settings: Settings) -> None:
    declaration = {"basis": "LICENSED", "name": "Demo", "statement": "by Bob", "licenceClass": "PERSONAL_ONLY"}
    created = await data(client, cast.ada, CREATE, input={"organizationId": cast.ada.organization_id, **declaration})
    declared: dict[str, Any] = created["createReferenceAudio"]["referenceAudio"]
    assert {name: declared[name] for name in declaration} == declaration
    assert (declared["sha256"], declared["sizeBytes"], declared["durationSeconds"]) == (None, None, None)
    headers = {**cast.ada.headers, "Content-Type": "audio/wav"}
    assert declared["uploadUrl"].startswith(settings.public_url)
    answer = await client.put(declared["uploadUrl"], content=tone_wav(1.25), headers=headers)
    assert (answer.status_code, answer.json()["id"]) == (200, declared["id"])
    listed = await data(client, cast.ada, LIST, id=cast.ada.organization_id)
    node = {"id": declared["id"], "name": "Demo", "durationSeconds": 1.25, "uploadUrl": None}
    assert listed["organization"]["referenceAudios"] == {"totalCount": 1, "edges": [{"node": node}]}
    gone = await data(client, cast.ada, DELETE, input={"id": declared["id"]})
    assert gone["deleteReferenceAudio"] == {"__typename": "DeleteReferenceAudioPayload", "deletedId": declared["id"]}
    again = await data(client, cast.ada, DELETE, input={"id": declared["id"]})
    assert again["deleteReferenceAudio"]["code"] == "RESOURCE_NOT_FOUND"
    assert (await send_file(client, cast.ada, declared["id"], tone_wav(1))).status_code == 404


async def test_a_licence_must_be_named(client: httpx.AsyncClient, cast: Cast) -> None:
    declaration = {"organizationId": cast.ada.organization_id, "basis": "LICENSED", "name": "Demo"}
    answer = await data(client, cast.ada, CREATE, input=declaration)
    [problem] = answer["createReferenceAudio"]["problems"]
    assert problem["path"] == ["statement"]


async def test_an_engine_that_reads_no_audio_refuses_both_forms_of_the_request(
    client: httpx.AsyncClient, cast: Cast, database: Database
) -> None:
    row = await upload(client, cast.ada)
    source = {"task": "COVER", "referenceAudioId": row["id"]}
    request = {"prompt": "jazz", "durationSeconds": 11, "source": source}
    answer = await data(client, cast.ada, GENERATE, input={"organizationId": cast.ada.organization_id, **request})
    [problem] = answer["createGeneration"]["problems"]
    assert problem["path"] == ["source"]
    assert problem["message"].startswith("The engine studio does not support this field.")
    rest = Contract(client, (await client.get("/openapi.json")).json())
    body = {"engine": "studio", "prompt": "jazz", "duration_seconds": 11}
    same = {"task": "cover", "reference_audio_id": row["id"]}
    refused = await rest.call("create-transformation", cast.ada, json={**body, "source": same})
    assert refused.json()["error"]["details"]["errors"] == [{"field": "source", "message": problem["message"]}]
    quote = await client.post(
        "/graphql",
        json={"query": QUOTE, "variables": {"id": cast.ada.organization_id, "request": request}},
        headers=cast.ada.headers,
    )
    assert quote.json()["errors"][0]["extensions"]["errors"][0]["message"] == problem["message"]
    assert await factories.load_all(database, Generation) == []


async def test_the_frozen_rest_request_has_no_source(client: httpx.AsyncClient, cast: Cast) -> None:
    url = f"/v1/music/{cast.ada.organization_id}/generations"
    answer = await client.post(url, json=factories.generation_body(source={}), headers=cast.ada.headers)
    assert answer.json()["error"]["details"]["errors"] == [{"field": "source", "message": "Unknown field."}]


async def test_a_transformation_needs_a_source(client: httpx.AsyncClient, cast: Cast) -> None:
    url = f"/v1/music/{cast.ada.organization_id}/transformations"
    answer = await client.post(url, json=factories.generation_body(), headers=cast.ada.headers)
    assert answer.json()["error"]["details"]["errors"] == [{"field": "source", "message": "This field is required."}]
