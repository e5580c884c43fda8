import json
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal

import pytest

import schema.types.errors
from core import errors, logs
from core.errors import Reason, Refusal
from rest_compat import errors as rest_errors
from rest_compat.openapi.error_codes import CODES

EXAMPLES: list[Refusal] = [
    *(errors.Unauthenticated(reason) for reason in Reason),
    errors.Forbidden("Only the creator may delete a track"),
    errors.NotAMember("org_0123456789ab"),
    errors.NotFound("Music generation job", job_id="mgen_0123456789ab"),
    errors.InvalidInput([errors.Problem(("style_tags", 2), "Must be a string.")]),
    errors.Conflict("Idempotency key was used for another request"),
    errors.SpendCapExceeded("month", Decimal("50.00"), Decimal("49.90"), datetime(2026, 7, 1, tzinfo=UTC)),
    errors.RateLimited(7),
    errors.Unavailable("Database is not reachable", 3),
]


def descendants(kind: type[Refusal]) -> Iterator[type[Refusal]]:
    for child in kind.__subclasses__():
        yield child
        yield from descendants(child)


def name(refusal: Refusal) -> str:
    return f"{type(refusal).__name__}-{schema.types.errors.error_code(refusal)}"


@pytest.fixture(autouse=True)
def _trace() -> Iterator[None]:
    token = logs.trace_id.set("req_0123456789ab")
    yield
    logs.trace_id.reset(token)


@pytest.mark.parametrize("kind", [*descendants(Refusal)])
def test_every_refusal_type_has_an_example(kind: type[Refusal]) -> None:
    assert any(type(refusal) is kind for refusal in EXAMPLES)


@pytest.mark.parametrize("refusal", EXAMPLES, ids=name)
def test_a_refusal_has_the_status_and_type_of_its_code(refusal: Refusal) -> None:
    answer = rest_errors.error_response(refusal)
    envelope = json.loads(bytes(answer.body))
    row = CODES[schema.types.errors.error_code(refusal)]
    assert answer.status_code == row.status
    assert envelope["success"] is False
    error = envelope["error"]
    assert (error["status"], error["code"], error["type"]) == (row.status, row.code, row.type)
    assert error["message"] == row.message == refusal.message
    assert error["system_message"] == refusal.technical
    assert error["trace_id"] == "req_0123456789ab"


@pytest.mark.parametrize("refusal", EXAMPLES, ids=name)
def test_a_refusal_is_a_member_of_the_graphql_unions_with_the_same_code(refusal: Refusal) -> None:
    member = schema.types.errors.from_refusal(refusal)
    assert member.code == CODES[member.code].code
    assert member.message == refusal.message


def test_only_rate_limits_and_outages_have_retry_after() -> None:
    retry_after = {
        name(refusal): rest_errors.error_response(refusal).headers.get("Retry-After") for refusal in EXAMPLES
    }
    assert {refusal: seconds for refusal, seconds in retry_after.items() if seconds is not None} == {
        "RateLimited-RATE_LIMIT_EXCEEDED": "7",
        "Unavailable-SERVICE_UNAVAILABLE": "3",
    }


def test_a_spend_cap_error_contains_its_window() -> None:
    refusal = next(one for one in EXAMPLES if isinstance(one, errors.SpendCapExceeded))
    details = json.loads(bytes(rest_errors.error_response(refusal).body))["error"]["details"]
    assert details == {"window": "month", "limit_chf": 50.0, "spent_chf": 49.9, "resets_at": "2026-07-01T00:00:00Z"}


def test_an_internal_error_contains_only_its_trace_id() -> None:
    answer = rest_errors.error_response(None)
    assert answer.status_code == 500
    error = json.loads(bytes(answer.body))["error"]
    assert (error["code"], error["type"]) == ("INTERNAL_ERROR", "server_error")
    assert error["details"] == {}
    assert error["trace_id"] == "req_0123456789ab"
