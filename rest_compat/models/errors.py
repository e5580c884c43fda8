"""Models of error responses."""

from collections.abc import Mapping
from typing import Annotated, Literal

from typing_extensions import TypedDict

from core.spend_windows import Window
from rest_compat.models import fields
from rest_compat.models.fields import Text, doc


class _Error(TypedDict):
    code: Annotated[str, doc("Constant for programs.")]
    message: Annotated[Text, doc("What went wrong, for display.")]
    system_message: Annotated[Text, doc("What went wrong, for developers. Never a stack trace, SQL or a path.")]
    type: Annotated[str, doc("Category of the error.")]
    status: Annotated[int, doc("HTTP status of the response.", ge=400, le=599)]
    details: Annotated[Mapping[str, object], doc("Values for programs that handle the error, or `{}`.")]
    trace_id: Annotated[Text, doc("The `X-Request-Id` of the response.", pattern="^req_")]
    timestamp: Annotated[fields.Timestamp, doc("Time of the error.")]


class Error(TypedDict):
    """The body of every response with a status of 400 or above."""

    success: Annotated[Literal[False], doc("Always `false`.")]
    error: Annotated[_Error, doc("The error.")]


class Problem(TypedDict):
    """A problem of one value in the request."""

    field: Annotated[str, doc("Field names and list indexes joined by dots; empty for the whole request.")]
    message: Annotated[Text, doc("The problem, for display.")]


class ValidationDetails(TypedDict):
    """The invalid values."""

    errors: Annotated[list[Problem], doc("Every problem of the request.", min_length=1)]


class SpendCapDetails(TypedDict):
    """The spend cap that the request would exceed."""

    window: Annotated[Window, doc("Window of the cap.")]
    limit_chf: Annotated[fields.Chf, doc("The cap in CHF.")]
    spent_chf: Annotated[fields.Chf, doc("Cost that is charged or reserved, in CHF.")]
    resets_at: Annotated[fields.Timestamp, doc("End of the current window.")]
