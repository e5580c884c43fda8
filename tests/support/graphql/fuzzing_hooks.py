"""A schemathesis check of GraphQL responses: they have data or errors with known codes."""

from typing import Any, Final

import schemathesis
from schemathesis.checks import CheckContext

_REFUSALS: Final = frozenset(
    {"DOCUMENT_INVALID", "DOCUMENT_TOO_LARGE", "VALIDATION_ERROR", "RESOURCE_NOT_FOUND", "ORGANIZATION_ACCESS_DENIED"}
)


@schemathesis.check
def answered_or_refused(ctx: CheckContext, response: Any, case: Any) -> bool | None:  # noqa: ANN401  without types
    """Assert that a response has data or errors with known codes."""
    body = response.json()
    assert response.status_code in {200, 400}
    assert body.get("data") is not None or body["errors"]
    codes = {error["extensions"]["code"] for error in body.get("errors", ())}
    assert codes <= _REFUSALS, codes
    return None
