"""Bearer tokens of an identity provider with a JWKS endpoint."""

import asyncio
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from sqlalchemy import text

from core.errors import Unauthenticated
from core.network import tls
from core.settings import Settings, TokenSettings
from server.bearer_tokens import TokenVerifier, read_organizations
from server.embedded import ports
from storage.postgres.database import Database
from storage.tables import User
from tests.support.audio import media_files
from tests.support.processes import identity_provider
from tests.support.processes.identity_provider import AUDIENCE, ISSUER, IdentityProvider, public_jwk, sign
from tests.support.processes.servers import serving
from tests.support.users import Cast

STRANGER = rsa.generate_private_key(public_exponent=65_537, key_size=2048)


@pytest.fixture
def provider() -> Iterator[IdentityProvider]:
    with identity_provider.running() as running:
        yield running


@pytest.fixture
def trusting_url(settings: Settings, provider: IdentityProvider) -> Iterator[str]:
    """A server that accepts tokens of the provider."""
    tokens = TokenSettings(jwks_url=provider.url, issuer=ISSUER, audience=AUDIENCE)
    server = settings.server.model_copy(update={"port": ports.find_free()})
    with serving(settings.model_copy(update={"server": server, "tokens": tokens})) as url:
        yield url


async def execute(url: str, bearer: str) -> httpx.Response:
    async with httpx.AsyncClient(base_url=url, timeout=100, verify=tls.default_context()) as client:
        query = {"query": "{ viewer { id organizations { name } } }"}
        return await client.post("/graphql", json=query, headers={"Authorization": f"Bearer {bearer}"})


async def test_a_signed_token_authenticates_its_subject(trusting_url: str, cast: Cast, database: Database) -> None:
    organizations = [cast.ada.organization_id, "org_of_nobody"]
    answers = [await execute(trusting_url, sign(orgs=organizations, name="Someone")) for _ in range(2)]
    [viewer, again] = [answer.json()["data"]["viewer"] for answer in answers]
    assert viewer == again
    assert viewer["organizations"] == [{"name": "First"}]
    async with database.transaction() as session:
        row = (await session.execute(text("SELECT id, name, subject FROM users WHERE issuer IS NOT NULL"))).one()
    assert tuple(row) == (viewer["id"], "Someone", "auth0|someone")


async def test_a_token_cannot_identify_a_user_of_this_installation(trusting_url: str, cast: Cast) -> None:
    answer = await execute(trusting_url, sign(sub=cast.ada.user_id, orgs=[cast.ada.organization_id]))
    assert answer.json()["data"]["viewer"]["id"] != cast.ada.user_id


async def test_a_user_that_was_stored_by_its_subject_keeps_its_id(
    trusting_url: str, cast: Cast, database: Database
) -> None:
    async with database.transaction() as session:
        session.add(User(id="auth0|someone", name="Earlier"))
    answers = await asyncio.gather(*(execute(trusting_url, sign()) for _ in range(5)))
    assert {answer.json()["data"]["viewer"]["id"] for answer in answers} == {"auth0|someone"}


@pytest.mark.parametrize("algorithm", ["RS256", "RS512", "PS256", "ES256", "ES384", "EdDSA"])
@pytest.mark.parametrize("kid", ["", None])
async def test_the_algorithm_follows_the_published_key(
    provider: IdentityProvider, algorithm: str, kid: str | None
) -> None:
    provider.publish([public_jwk(name) for name in ("ES256", "ES384", "EdDSA", "RS256")])
    verifier = TokenVerifier(TokenSettings(jwks_url=provider.url, issuer=ISSUER, audience=AUDIENCE))
    assert (await verifier.verify(sign(algorithm, kid=kid))).subject == "auth0|someone"
    with pytest.raises(Unauthenticated):
        await verifier.verify(sign("RS256", key=STRANGER, kid=kid))
    await verifier.aclose()


@pytest.mark.parametrize(
    ("changes", "code", "claim"),
    [
        ({"exp": 1}, "TOKEN_EXPIRED", "exp"),
        ({"exp": None}, "TOKEN_INVALID", "exp"),
        ({"nbf": 9_999_999_999}, "TOKEN_INVALID", "nbf"),
        ({"iss": "https://other.example"}, "TOKEN_INVALID", "iss"),
        ({"iss": None}, "TOKEN_INVALID", "iss"),
        ({"aud": "other"}, "TOKEN_INVALID", "aud"),
        ({"aud": None}, "TOKEN_INVALID", "aud"),
        ({"sub": None}, "TOKEN_INVALID", "sub"),
        ({"sub": ""}, "TOKEN_INVALID", "sub"),
        ({"sub": 7}, "TOKEN_INVALID", "sub"),
        ({"orgs": 7}, "TOKEN_INVALID", "orgs"),
        ({"key": STRANGER}, "TOKEN_INVALID", None),
    ],
)
async def test_a_rejected_token_is_logged_with_its_claim(
    provider: IdentityProvider, caplog: pytest.LogCaptureFixture, changes: dict[str, Any], code: str, claim: str | None
) -> None:
    verifier = TokenVerifier(TokenSettings(jwks_url=provider.url, issuer=ISSUER, audience=AUDIENCE))
    with caplog.at_level(logging.INFO), pytest.raises(Unauthenticated) as refusal:
        await verifier.verify(sign(**changes))
    assert refusal.value.reason.name == code
    [record] = [record for record in caplog.records if record.getMessage() == "bearer token rejected"]
    assert vars(record)["claim"] == claim
    await verifier.aclose()


async def test_an_invalid_token_is_rejected_with_its_code(trusting_url: str) -> None:
    for bearer, code in (
        (sign(exp=1), "TOKEN_EXPIRED"),
        (sign(aud="other"), "TOKEN_INVALID"),
        ("a.b.c", "TOKEN_INVALID"),
    ):
        answer = await execute(trusting_url, bearer)
        assert answer.status_code == 401
        assert answer.json()["errors"][0]["extensions"]["code"] == code


async def test_a_token_signed_with_the_public_key_as_a_secret_is_rejected(trusting_url: str) -> None:
    forged = jwt.encode({"sub": "x", "exp": 9_999_999_999}, "x" * 32, algorithm="HS256", headers={"kid": "key-rsa"})
    assert (await execute(trusting_url, forged)).json()["errors"][0]["extensions"]["code"] == "TOKEN_INVALID"


@pytest.mark.parametrize("body", [b"<html>Sign in</html>", None])
async def test_unusable_keys_are_unavailable_and_delay_nobody_else(
    trusting_url: str,
    provider: IdentityProvider,
    database: Database,
    settings: Settings,
    cast: Cast,
    tmp_path: Path,
    body: bytes | None,
) -> None:
    source = tmp_path / "music.mp3"
    source.write_bytes(b"music")
    blob = await media_files.put_track_file(database, settings, cast.ada, source)
    link = httpx.URL(media_files.build_link(settings, cast.ada, blob)).raw_path.decode()
    provider.body, provider.is_hanging = body or b"", body is None
    forged = [asyncio.create_task(execute(trusting_url, sign())) for _ in range(8)]
    async with httpx.AsyncClient(base_url=trusting_url, timeout=100, verify=tls.default_context()) as client:
        assert (await client.get("/healthz")).status_code == 200
        assert not body or provider.requests <= 1
        assert (await client.get(link)).content == b"music"
        # while the fetch hangs, the requests that wait for it are not answered yet
        assert body or not any(each.done() for each in forged)
    for answer in await asyncio.gather(*forged):
        assert answer.status_code == 503
        assert int(answer.headers["Retry-After"]) >= 1
        assert answer.json()["errors"][0]["extensions"]["code"] == "SERVICE_UNAVAILABLE"
    assert provider.requests == 1


@pytest.mark.parametrize(("status", "body"), [(500, b""), (200, b"<html>Sign in</html>")])
async def test_tokens_of_known_keys_are_accepted_while_the_endpoint_fails(
    trusting_url: str, provider: IdentityProvider, cast: Cast, status: int, body: bytes
) -> None:
    accepted = [await execute(trusting_url, sign(orgs=[cast.ada.organization_id]))]
    provider.status, provider.body = status, body
    # a key id that is not known makes the server ask again, in vain
    unknown = await execute(trusting_url, sign(kid="next"))
    accepted.append(await execute(trusting_url, sign(orgs=[cast.ada.organization_id])))
    assert [answer.json()["data"]["viewer"]["organizations"] for answer in accepted] == [[{"name": "First"}]] * 2
    assert unknown.status_code in {401, 503}


@pytest.mark.parametrize(
    ("claims", "name", "expected"),
    [
        ({"orgs": ["a", "b"]}, "orgs", ["a", "b"]),
        ({"orgs": "a"}, "orgs", ["a"]),
        ({"orgs": "a b,c"}, "orgs", ["a", "b", "c"]),
        ({"orgs": ""}, "orgs", []),
        ({"orgs": {"a": {"id": "x"}, "b": {}}}, "orgs", ["a", "b"]),
        ({"orgs": None}, "orgs", []),
        ({}, "orgs", []),
        ({"https://music.example/orgs": ["a"]}, "https://music.example/orgs", ["a"]),
        ({"realm": {"orgs": ["a"]}}, "realm.orgs", ["a"]),
        ({"realm": "x"}, "realm.orgs", []),
    ],
)
def test_organizations_are_read_from_any_shape(claims: dict[str, Any], name: str, expected: list[str]) -> None:
    assert list(read_organizations(claims, name)) == expected


@pytest.mark.parametrize("value", [7, True, ["a", 7], [{"id": "a"}]])
def test_organizations_of_another_type_are_an_error(value: object) -> None:
    with pytest.raises(jwt.InvalidTokenError, match="'orgs' must be"):
        read_organizations({"orgs": value}, "orgs")
