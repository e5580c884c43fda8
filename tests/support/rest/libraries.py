"""Save and list library entries over REST."""

from tests.support.rest.client import Contract
from tests.support.users import Person


async def save(rest: Contract, person: Person, track_id: str) -> dict[str, object]:
    answer = await rest.call("save-track", person, path={"track_id": track_id})
    assert answer.status_code == 200, answer.text
    edge: dict[str, object] = answer.json()
    return edge


async def list_track_ids(rest: Contract, person: Person, **query: str) -> list[str]:
    """Return the ids of the tracks in a library."""
    answer = await rest.call("list-tracks", person, params=query)
    assert answer.status_code == 200, answer.text
    return [track["id"] for track in answer.json()["items"]]


async def share_and_save(rest: Contract, giver: Person, taker: Person, track_id: str) -> dict[str, object]:
    """Share a track and save it as another user."""
    link = (await rest.call("share-track", giver, path={"track_id": track_id})).json()
    edge: dict[str, object] = (await rest.call("save-shared-track", taker, path={"token": link["token"]})).json()
    return edge
