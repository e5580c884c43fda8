from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from core import api_keys, clock
from resolvers.access import accounts
from rest_compat.routes import ALL_OPERATIONS
from storage.postgres.database import Database
from storage.queries import accounts as account_queries
from tests.support import factories
from tests.support.processes.bearer_tokens import access_token, bearer
from tests.support.rest.client import Contract
from tests.support.users import Cast, Person

CLOSED = [row.name for row in ALL_OPERATIONS if not row.is_public]
INSIDE = [row.name for row in ALL_OPERATIONS if "{organization_id}" in row.path]

ANY_IDS = {
    "job_id": "mgen_000000000000",
    "track_id": "mtrack_000000000000",
    "collection_id": "mcoll_000000000000",
    "share_id": "mslink_000000000000",
    "session_id": "mfocus_000000000000",
    "reference_audio_id": "mref_000000000000",
    "segment_index": "0",
    "token": f"shr_{'0' * 32}",
}

WRONG_SECRET = "another secret of tests, longer than 32 characters"


async def refusal(rest: Contract, cast: Cast, headers: Mapping[str, str]) -> Mapping[str, Any]:
    """Return the error of a request with these headers, which must return 401."""
    answer = await rest.send("GET", rest.url("engines", cast.ada), headers=headers)
    assert answer.status_code == 401
    error: Mapping[str, Any] = answer.json()["error"]
    assert error["type"] == "authentication_error"
    return error


async def test_missing_credentials_return_401(rest: Contract, cast: Cast) -> None:
    error = await refusal(rest, cast, {})
    assert error["code"] == "AUTHENTICATION_REQUIRED"
    assert error["message"] == "Authentication required. Please provide a valid API key."
    assert error["system_message"] == "Missing or invalid authorization header"
    assert error["details"] == {}


@pytest.mark.parametrize("authorization", ["", "Bearer", "Basic YWRhOnNlY3JldA==", "ak_0123", "Token x", "bearer\tx"])
async def test_a_malformed_authorization_header_counts_as_missing_credentials(
    rest: Contract, cast: Cast, authorization: str
) -> None:
    error = await refusal(rest, cast, {"Authorization": authorization})
    assert error["code"] == "AUTHENTICATION_REQUIRED"


async def test_an_api_key_authenticates(rest: Contract, cast: Cast) -> None:
    assert (await rest.call("engines", cast.ada)).status_code == 200


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
async def test_an_api_key_is_accepted_as_a_bearer_token(rest: Contract, cast: Cast, scheme: str) -> None:
    headers = {"Authorization": f"{scheme} {cast.ada.key}"}
    assert (await rest.send("GET", rest.url("engines", cast.ada), headers=headers)).status_code == 200


@pytest.mark.parametrize(
    "key", ["", "x", "ak_", "ak_0123456789", "ak_" + "0" * 38, "sk_" + "a" * 38, "ä" * 41, "ak_" + "é" * 38, "a" * 5000]
)
async def test_a_malformed_api_key_is_invalid(rest: Contract, cast: Cast, key: str) -> None:
    error = await refusal(rest, cast, {"X-API-Key": key.encode("latin-1")})  # type: ignore[dict-item]
    assert error["code"] == "INVALID_API_KEY"


async def test_a_well_formed_unknown_key_is_invalid(rest: Contract, cast: Cast) -> None:
    assert (await refusal(rest, cast, {"X-API-Key": api_keys.new()}))["code"] == "INVALID_API_KEY"


async def test_a_key_with_one_wrong_character_is_invalid(rest: Contract, cast: Cast) -> None:
    last = "a" if cast.ada.key[-1] != "a" else "b"
    assert (await refusal(rest, cast, {"X-API-Key": cast.ada.key[:-1] + last}))["code"] == "INVALID_API_KEY"


async def test_an_expired_key_returns_its_own_error_code(rest: Contract, cast: Cast, database: Database) -> None:
    expired = await accounts.create_key(database, cast.ada.user_id, "old", -1)
    assert (await refusal(rest, cast, {"X-API-Key": expired.text}))["code"] == "API_KEY_EXPIRED"


async def test_a_revoked_key_is_rejected_immediately(rest: Contract, cast: Cast, database: Database) -> None:
    key = await accounts.create_key(database, cast.ada.user_id, "lent", None)
    url = rest.url("engines", cast.ada)
    assert (await rest.send("GET", url, headers={"X-API-Key": key.text})).status_code == 200
    await accounts.revoke_key(database, key.row.id)
    assert (await refusal(rest, cast, {"X-API-Key": key.text}))["code"] == "API_KEY_DEACTIVATED"


async def test_a_signed_token_grants_access_to_its_organizations(rest: Contract, cast: Cast) -> None:
    headers = bearer(access_token(cast.ada))
    assert (await rest.send("GET", rest.url("engines", cast.ada), headers=headers)).status_code == 200
    assert (await rest.send("GET", rest.url("engines", cast.cid), headers=headers)).status_code == 403


async def test_a_token_without_organizations_grants_access_to_none(rest: Contract, cast: Cast) -> None:
    answer = await rest.send("GET", rest.url("engines", cast.ada), headers=bearer(access_token(cast.ada, orgs=None)))
    assert answer.status_code == 403


async def test_a_token_does_not_grant_access_to_an_unknown_organization(rest: Contract, cast: Cast) -> None:
    nowhere = "org_000000000000"
    headers = bearer(access_token(cast.ada, orgs=[nowhere]))
    answer = await rest.send("GET", rest.url("engines", cast.ada, organization_id=nowhere), headers=headers)
    assert answer.status_code == 403


async def test_a_user_of_a_trusted_token_is_created(rest: Contract, cast: Cast, database: Database) -> None:
    newcomer = Person("auth0|newcomer", cast.ada.organization_id, "")
    answer = await rest.send("GET", rest.url("engines", newcomer), headers=bearer(access_token(newcomer, name="New")))
    assert answer.status_code == 200
    async with database.transaction() as session:
        assert "New" in {user.name for user in await account_queries.list_users(session, 10)}


async def test_the_bearer_token_takes_precedence_over_the_key(rest: Contract, cast: Cast) -> None:
    both = {"X-API-Key": cast.cid.key, **bearer(access_token(cast.ada))}
    assert (await rest.send("GET", rest.url("engines", cast.ada), headers=both)).status_code == 200
    assert (await rest.send("GET", rest.url("engines", cast.cid), headers=both)).status_code == 403


async def test_an_invalid_bearer_token_is_rejected_despite_a_valid_key(rest: Contract, cast: Cast) -> None:
    error = await refusal(rest, cast, {"X-API-Key": cast.ada.key, **bearer("not.a.token")})
    assert error["code"] == "TOKEN_INVALID"


async def test_an_expired_token_returns_its_own_error_code(rest: Contract, cast: Cast) -> None:
    error = await refusal(rest, cast, bearer(access_token(cast.ada, exp=clock.now() - timedelta(minutes=5))))
    assert error["code"] == "TOKEN_EXPIRED"


@pytest.mark.parametrize(
    "changes",
    [
        {"secret": WRONG_SECRET},
        {"algorithm": "HS512"},
        {"secret": "", "algorithm": "none"},
        {"exp": None},
        {"sub": None},
        {"sub": ""},
        {"sub": "x" * 256},
        {"sub": "a\x00b"},
        {"orgs": 7},
        {"orgs": [1]},
        {"exp": "tomorrow"},
        {"nbf": 4102444800},
    ],
    ids=str,
)
@pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")
async def test_a_token_with_invalid_claims_or_signature_is_invalid(
    rest: Contract, cast: Cast, changes: dict[str, Any]
) -> None:
    assert (await refusal(rest, cast, bearer(access_token(cast.ada, **changes))))["code"] == "TOKEN_INVALID"


@pytest.mark.parametrize("text", ["x", "a.b", "a.b.c", "....", "eyJhbGciOiJIUzI1NiJ9..", "é.é.é", "A" * 8000])
async def test_malformed_tokens_are_invalid(rest: Contract, cast: Cast, text: str) -> None:
    error = await refusal(rest, cast, {"Authorization": f"Bearer {text}".encode("latin-1")})  # type: ignore[dict-item]
    assert error["code"] == "TOKEN_INVALID"


@pytest.mark.parametrize("odd", ["a\x00b", "\ud800", 5, None, ["x"], "x" * 1000], ids=ascii)
async def test_an_unusual_name_in_a_valid_token_is_accepted(rest: Contract, cast: Cast, odd: object) -> None:
    newcomer = Person("auth0|newcomer", cast.ada.organization_id, "")
    answer = await rest.send("GET", rest.url("engines", newcomer), headers=bearer(access_token(newcomer, name=odd)))
    assert answer.status_code == 200


async def test_a_token_whose_subject_cannot_be_stored_is_invalid(rest: Contract, cast: Cast) -> None:
    assert (await refusal(rest, cast, bearer(access_token(cast.ada, sub="\ud800"))))["code"] == "TOKEN_INVALID"


@pytest.mark.parametrize("operation", ["engines", "list-generations", "create-generation"])
async def test_foreign_and_unknown_organizations_return_the_same_error(
    rest: Contract, cast: Cast, operation: str
) -> None:
    bodies = []
    for organization_id in [cast.cid.organization_id, "org_000000000000", "org_", "x", "org_%00", "ö"]:
        body = factories.generation_body() if operation == "create-generation" else None
        answer = await rest.call(operation, cast.ada, path={"organization_id": organization_id}, json=body)
        assert answer.status_code == 403
        error = answer.json()["error"]
        assert (error["code"], error["type"]) == ("ORGANIZATION_ACCESS_DENIED", "permission_error")
        assert error["details"] == {"organization_id": organization_id}
        bodies.append((error["message"], error["system_message"], answer.headers.keys()))
    assert bodies == [bodies[0]] * len(bodies)


@pytest.mark.parametrize("operation", CLOSED)
async def test_every_private_operation_checks_credentials_first(rest: Contract, cast: Cast, operation: str) -> None:
    described = rest.operations[operation]
    answer = await rest.send(described.method, rest.url(operation, cast.ada, **ANY_IDS), content=b"{")
    assert answer.status_code == 401


@pytest.mark.parametrize("operation", INSIDE)
async def test_no_operation_gives_non_members_access_to_an_organization(
    rest: Contract, cast: Cast, operation: str
) -> None:
    path = {**ANY_IDS, "organization_id": cast.cid.organization_id}
    answer = await rest.call(operation, cast.ada, path=path, json={})
    assert answer.status_code == 403
    assert answer.json()["error"]["details"] == {"organization_id": cast.cid.organization_id}
