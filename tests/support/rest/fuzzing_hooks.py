"""schemathesis hooks that insert ids of existing resources, which the environment contains."""

import json
import os
import zlib
from http import HTTPStatus
from typing import Any, Final

import schemathesis
from schemathesis.generation.meta import TestPhase

RESOURCE_IDS: Final[dict[str, str]] = json.loads(os.environ["STUDIO_THINGS"])
"""Ids of the caller's resources by path parameter."""

_COLLECTIONS: Final[set[object]] = set()

_REFERENCES: Final = ("cover_track_id", "seed_track_id")
_LONGEST: Final = 255


@schemathesis.hook
def before_call(context: Any, case: Any, **kwargs: Any) -> None:  # noqa: ANN401  schemathesis' own
    """Complete bodies, insert the existing track into them and existing ids into half of the paths; delete none."""
    if isinstance(case.body, dict):
        for name in _REFERENCES:
            if _is_valid(case.body.get(name)):
                case.body[name] = RESOURCE_IDS["track_id"]
        if case.path.endswith("/reference-audios") and case.body.get("basis") == "licensed":
            # the document states this rule in words
            case.body.setdefault("statement", "By agreement with the publisher")
    for name, value in (case.path_parameters or {}).items():
        if case.method == "DELETE":
            if value == RESOURCE_IDS.get(name):
                case.path_parameters[name] = f"{value}0"
        elif (_is_made_up(case) or value in _COLLECTIONS) and name in RESOURCE_IDS and _is_chosen(value):
            case.path_parameters[name] = RESOURCE_IDS[name]


@schemathesis.hook
def after_call(context: Any, case: Any, response: Any) -> None:  # noqa: ANN401  schemathesis' own
    """Record tokens of collection links, because only tracks can be saved."""
    if case.path.endswith("/collections/{collection_id}/share") and response.status_code == HTTPStatus.CREATED:
        _COLLECTIONS.add(response.json()["token"])


def _is_chosen(value: object) -> bool:
    """Return whether to replace a value: a fixed half of all values, and all tokens of collection links."""
    return value in _COLLECTIONS or zlib.crc32(str(value).encode(errors="replace")) % 2 == 1


def _is_made_up(case: Any) -> bool:  # noqa: ANN401  schemathesis' own
    """Return whether the case does not use earlier responses."""
    return bool(case.meta) and case.meta.phase.name is not TestPhase.STATEFUL


def _is_valid(value: object) -> bool:
    """Return whether the document allows this text; invalid texts are not replaced."""
    return isinstance(value, str) and bool(value.strip()) and len(value) <= _LONGEST and "\x00" not in value
