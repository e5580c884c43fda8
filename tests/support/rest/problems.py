"""The problems of a 422 response."""

from typing import Any


def problems(answer: Any) -> list[tuple[str, str]]:  # noqa: ANN401  a response of any client
    """Return the problems of a response; assert that it is a 422."""
    assert answer.status_code == 422, answer.text
    error = answer.json()["error"]
    assert (error["code"], error["type"]) == ("VALIDATION_ERROR", "client_error")
    return [(problem["field"], problem["message"]) for problem in error["details"]["errors"]]
