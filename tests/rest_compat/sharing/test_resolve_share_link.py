import asyncio
import hashlib
from datetime import timedelta

import httpx
import pytest

from core import clock, ids
from core.settings import Settings
from storage.postgres.database import Database
from storage.redis.rate_limits import RateLimiter
from storage.tables import ShareAccess
from tests.support import factories
from tests.support.polling import wait_for
from tests.support.processes.bearer_tokens import access_token, bearer
from tests.support.rest import share_links as rest_share_links
from tests.support.rest.client import Contract
from tests.support.rest.share_links import UNKNOWN_SHARE_TOKENS
from tests.support.users import Cast

pytestmark = pytest.mark.usefixtures("fresh_limits")


PATHS_ELSEWHERE = ["tracks", "collections", "generations", "engines", "usage"]


async def test_a_track_link_resolves_without_credentials(rest: Contract, cast: Cast, track_id: str) -> None:
    link = await rest_share_links.share(rest, cast.ada, track_id, {"expires_in_days": 30})
    answer = await rest_share_links.resolve(rest, cast, link["token"])
    assert answer.status_code == 200
    view = answer.json()
    assert view == {
        "kind": "track",
        "available": True,
        "message": None,
        "share": {"target_type": "track", "visibility": "link_only", "expires_at": link["expires_at"]},
        "track": {
            "id": track_id,
            "title": "Night Desk",
            "engine": "studio",
            "mode": "creation",
            "measured_duration_seconds": 2.0,
            "instrumental": True,
            "playback_url": view["track"]["playback_url"],
            "licence": {
                "licence_class": "commercial_cleared",
                "licence_version": "2026-11",
                "commercial_use": True,
                "requires_attribution": False,
            },
        },
        "collection": None,
        "tracks": None,
    }
    assert view["track"]["playback_url"].startswith("http")


async def test_concurrent_requests_resolve_their_own_links(rest: Contract, cast: Cast, database: Database) -> None:
    titles = [str(number) for number in range(5)]
    made = [await factories.put_track(database, cast.ada, title=title) for title in titles]
    tokens = [(await rest_share_links.share(rest, cast.ada, track_id))["token"] for track_id in made]
    shown = [*tokens, UNKNOWN_SHARE_TOKENS[0], *tokens[::-1]]
    answers = await asyncio.gather(*(rest_share_links.resolve(rest, cast, one) for one in shown))
    seen = [answer.json()["track"]["title"] if answer.is_success else answer.status_code for answer in answers]
    assert seen == [*titles, 404, *titles[::-1]]
    assert sorted(await rest_share_links.list_outcomes(database)) == ["not_found", *["resolved"] * 10]


async def test_a_collection_link_returns_its_tracks_in_order(rest: Contract, cast: Cast, database: Database) -> None:
    members = [await factories.put_track(database, cast.ada, title=f"{number}") for number in range(3)]
    made = await rest_share_links.create_collection(rest, cast.ada, *members)
    link = await rest_share_links.share(rest, cast.ada, made)
    assert link["target_type"] == "collection"
    path = {"collection_id": made}
    await rest.call("reorder-collection", cast.ada, path=path, json={"ordered_track_ids": members[::-1]})
    await rest.call("delete-track", cast.ada, path={"track_id": members[1]})
    view = (await rest_share_links.resolve(rest, cast, link["token"])).json()
    assert (view["kind"], view["available"], view["message"], view["track"]) == ("collection", True, None, None)
    assert view["collection"] == {"id": made, "name": "Late shift", "description": "Quiet."}
    assert [track["id"] for track in view["tracks"]] == [members[2], members[0]]
    assert all(track["playback_url"].startswith("http") for track in view["tracks"])


async def test_an_empty_collection_can_be_shared(rest: Contract, cast: Cast) -> None:
    link = await rest_share_links.share(rest, cast.ada, await rest_share_links.create_collection(rest, cast.ada))
    view = (await rest_share_links.resolve(rest, cast, link["token"])).json()
    assert (view["available"], view["tracks"]) == (True, [])


async def test_removed_content_is_not_available(rest: Contract, cast: Cast, track_id: str) -> None:
    made = await rest_share_links.create_collection(rest, cast.ada, track_id)
    ended = {
        "track": await rest_share_links.share(rest, cast.ada, track_id),
        "collection": await rest_share_links.share(rest, cast.ada, made),
    }
    await rest.call("delete-collection", cast.ada, path={"collection_id": made})
    await rest.call("delete-track", cast.ada, path={"track_id": track_id})
    for kind, link in ended.items():
        answer = await rest_share_links.resolve(rest, cast, link["token"])
        assert answer.status_code == 200
        view = answer.json()
        assert view == {
            "kind": kind,
            "available": False,
            "message": view["message"],
            "share": {"target_type": kind, "visibility": "link_only", "expires_at": None},
            "track": None,
            "collection": None,
            "tracks": None,
        }
        assert view["message"]


async def test_missing_revoked_and_expired_links_return_the_same_error(
    rest: Contract, cast: Cast, database: Database, track_id: str
) -> None:
    revoked, expired = (
        await rest_share_links.share(rest, cast.ada, track_id),
        await rest_share_links.share(rest, cast.ada, track_id),
    )
    await rest.call("revoke-share", cast.ada, path={"share_id": revoked["id"]})
    await rest_share_links.expire_links(database)
    answers = []
    for shown in (f"shr_{'0' * 32}", revoked["token"], expired["token"]):
        answer = await rest_share_links.resolve(rest, cast, shown)
        assert answer.status_code == 404
        assert answer.json()["error"]["details"] == {"token": shown}
        answers.append((rest_share_links.comparable_error(answer), sorted(answer.headers)))
    assert answers == [answers[0]] * 3
    assert answers[0][0]["system_message"] == "Music share link not found"


@pytest.mark.parametrize("shown", [*UNKNOWN_SHARE_TOKENS, *PATHS_ELSEWHERE], ids=lambda text: ascii(text)[:24])
async def test_a_malformed_token_returns_404(rest: Contract, cast: Cast, database: Database, shown: str) -> None:
    answer = await rest_share_links.resolve(rest, cast, shown)
    assert answer.status_code == 404
    assert answer.json()["error"]["details"] == {"token": shown}
    assert await rest_share_links.list_outcomes(database) == ["not_found"]


async def test_resolving_a_link_ignores_credentials(rest: Contract, cast: Cast, track_id: str) -> None:
    link = await rest_share_links.share(rest, cast.ada, track_id)
    views = []
    for headers in (
        {},
        cast.ada.headers,
        cast.cid.headers,
        {"X-API-Key": "x"},
        {"X-API-Key": "ak_" + "0" * 38},
        {"Authorization": "Bearer not.a.token"},
        {"Authorization": "Basic x"},
        bearer(access_token(cast.ada, exp=clock.now() - timedelta(hours=1))),
    ):
        answer = await rest_share_links.resolve(rest, cast, link["token"], headers=headers)
        assert answer.status_code == 200
        view = answer.json()
        del view["track"]["playback_url"]
        views.append(view)
    assert views == [views[0]] * 8


async def test_every_request_is_audited(rest: Contract, cast: Cast, database: Database, track_id: str) -> None:
    made = [await rest_share_links.share(rest, cast.ada, track_id) for _ in range(2)]
    gone = await rest_share_links.share(rest, cast.ada, await rest_share_links.create_collection(rest, cast.ada))
    await rest.call(
        "delete-collection",
        cast.ada,
        path={"collection_id": (await rest.call("list-collections", cast.ada)).json()["items"][0]["id"]},
    )
    await rest.call("revoke-share", cast.ada, path={"share_id": made[1]["id"]})
    shown = [made[0]["token"], made[0]["token"], gone["token"], made[1]["token"], f"shr_{'0' * 32}", "ö"]
    before = clock.now()
    for each in shown:
        await rest_share_links.resolve(rest, cast, each)
    attempts = sorted(await factories.load_all(database, ShareAccess), key=lambda row: row.id)
    assert [row.outcome.value for row in attempts] == ["resolved"] * 2 + ["unavailable"] + ["not_found"] * 3
    assert [row.token_digest for row in attempts] == [hashlib.sha256(each.encode()).digest() for each in shown]
    assert [row.share_link_id for row in attempts[:3]] == [made[0]["id"], made[0]["id"], gone["id"]]
    assert {row.client_ip for row in attempts} == {"127.0.0.1"}
    assert all(before <= row.resolved_at <= clock.now() for row in attempts)


async def test_head_requests_are_audited(rest: Contract, cast: Cast, database: Database, track_id: str) -> None:
    link = await rest_share_links.share(rest, cast.ada, track_id)
    answer = await rest.send("HEAD", rest.url("resolve-share", cast.ada, token=link["token"]))
    assert (answer.status_code, answer.content) == (200, b"")
    assert await rest_share_links.list_outcomes(database) == ["resolved"]


async def test_saving_is_not_audited_as_resolving(
    rest: Contract, cast: Cast, database: Database, track_id: str
) -> None:
    link = await rest_share_links.share(rest, cast.ada, track_id)
    await rest_share_links.save(rest, cast.bea, link["token"])
    assert await factories.load_all(database, ShareAccess) == []


async def exhaust(settings: Settings) -> None:
    """Use up the permitted requests of this address."""
    limiter = RateLimiter(str(settings.redis_url))
    allowed = settings.server.share_resolves_per_minute
    while not (await limiter.take("share:127.0.0.1", allowed, allowed)).wait_seconds:
        pass
    await limiter.close()


async def test_too_many_requests_return_429(
    rest: Contract, cast: Cast, database: Database, settings: Settings, track_id: str
) -> None:
    link = await rest_share_links.share(rest, cast.ada, track_id)
    seen = []

    async def limited() -> httpx.Response | None:
        await exhaust(settings)
        seen.append(await rest_share_links.resolve(rest, cast, link["token"]))
        return seen[-1] if seen[-1].status_code == 429 else None

    answer = await wait_for(limited)
    error = answer.json()["error"]
    assert (error["code"], error["type"]) == ("RATE_LIMIT_EXCEEDED", "rate_limit_error")
    assert 1 <= int(answer.headers["Retry-After"]) <= 60
    assert await rest_share_links.list_outcomes(database) == ["resolved"] * (len(seen) - 1)
    assert (await rest.call("engines", cast.ada)).status_code == 200
    assert (await rest_share_links.save(rest, cast.bea, link["token"])).status_code == 201


async def test_a_browser_gets_a_page_with_429(
    client: httpx.AsyncClient, rest: Contract, cast: Cast, settings: Settings, track_id: str
) -> None:
    link = await rest_share_links.share(rest, cast.ada, track_id)

    async def limited() -> httpx.Response | None:
        await exhaust(settings)
        answer = await client.get(link["url"], headers={"Accept": "text/html"})
        return answer if answer.status_code == 429 else None

    answer = await wait_for(limited)
    seconds = answer.headers["Retry-After"]
    assert f"Your address has opened too many links. Try again in {seconds} s." in answer.text
    assert answer.headers["content-type"] == "text/html; charset=utf-8"


async def test_requests_within_the_limit_are_not_delayed(
    rest: Contract, cast: Cast, settings: Settings, track_id: str
) -> None:
    link = await rest_share_links.share(rest, cast.ada, track_id)
    allowed = settings.server.share_resolves_per_minute
    answers = await asyncio.gather(*(rest_share_links.resolve(rest, cast, link["token"]) for _ in range(allowed)))
    assert [answer.status_code for answer in answers] == [200] * allowed


async def test_similar_tokens_return_404(rest: Contract, cast: Cast, track_id: str) -> None:
    link = await rest_share_links.share(rest, cast.ada, track_id)
    last = "0" if link["token"][-1] != "0" else "1"
    for near in (link["token"][:-1] + last, link["token"].upper(), link["token"] + "0", link["token"][4:], link["id"]):
        assert (await rest_share_links.resolve(rest, cast, near)).status_code == 404
    assert ids.kind_of(link["id"]) is ids.Kind.SHARE_LINK
