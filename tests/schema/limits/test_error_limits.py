"""Limits on the errors of invalid documents and variables."""

from graphql import GraphQLError

from schema.limits.error_limits import MAX_ERRORS, MAX_MESSAGE, limit_errors


def test_request_errors_are_limited_in_number_and_length() -> None:
    errors = [GraphQLError("x" * 10_000, extensions={"code": "X"}) for _ in range(MAX_ERRORS + 5)]
    limited = limit_errors(errors)
    assert limited[-1].message == "4 more errors are not listed."
    assert limited[0].message == "x" * MAX_MESSAGE + "… (10000 characters)"
    assert limited[0].extensions == {"code": "X"}
    assert len(limited) == MAX_ERRORS + 2


def test_errors_of_fields_are_unchanged() -> None:
    errors = [GraphQLError("x" * 10_000, path=["a", number]) for number in range(100)]
    assert limit_errors(errors) == errors
