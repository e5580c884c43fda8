"""Exports over GraphQL."""

from typing import Any, Final

import httpx

from tests.support.graphql.client import data
from tests.support.users import Person

CREATE: Final = """
mutation($org: ID!, $tracks: [ID!]) { answer: createExport(input: { organizationId: $org, trackIds: $tracks }) {
  __typename ... on CreateExportPayload { export { ...whole } } ... on Error { code message }
  ... on InvalidInputError { problems { path message } }
} }
fragment whole on Export {
  id trackIds status progress createdAt finishedAt expiresAt isExpired sizeBytes trackCount missingFiles url
}
"""


GET: Final = """
query($id: ID!) { node(id: $id) { ... on Export {
  id status progress finishedAt expiresAt isExpired sizeBytes trackCount missingFiles url
} } }
"""


async def create_export(
    client: httpx.AsyncClient, person: Person, organization_id: str | None = None, track_ids: list[str] | None = None
) -> Any:  # noqa: ANN401  JSON
    found = await data(client, person, CREATE, org=organization_id or person.organization_id, tracks=track_ids)
    return found["answer"].get("export", found["answer"])


async def get_export(client: httpx.AsyncClient, person: Person, export_id: str) -> Any:  # noqa: ANN401  JSON
    return (await data(client, person, GET, id=export_id))["node"]
