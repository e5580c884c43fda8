"""Commands for accounts and spend caps, their JSON, and wrong usage with ``--json``."""

import json
from typing import Any

import pytest

from core.settings import Settings
from storage.postgres.database import Database
from tests.support import factories
from tests.support.processes.cli import run_cli
from tests.support.users import Cast


def run_json(settings: Settings, *words: str) -> Any:  # noqa: ANN401  JSON
    first, *rest = words
    status, output = run_cli(settings, *rest, "--json", command=first)
    assert status == 0, output
    return json.loads(output)


def test_a_user_is_managed_with_json_only(settings: Settings, database: Database) -> None:
    org = run_json(settings, "orgs", "create", "First")["id"]
    user = run_json(settings, "users", "create", "Ada", "--org", org, "--admin")["id"]
    key = run_json(settings, "keys", "create", "--user", user, "--name", "laptop")
    assert key["key"].startswith("ak_")
    assert run_json(settings, "keys", "list")[0]["id"] == key["id"]
    granted = run_json(settings, "users", "grant", user, "--org", org, "--role", "viewer")
    assert granted == {"id": user, "organizationId": org, "role": "viewer"}
    assert run_json(settings, "keys", "revoke", key["id"]) == {"id": key["id"]}
    for command in ("disable", "enable"):
        assert run_json(settings, "users", command, user) == {"id": user}
    assert run_json(settings, "users", "list")[0]["state"] == "active"
    assert run_json(settings, "users", "revoke", user, "--org", org) == {"id": user, "organizationId": org}
    assert run_json(settings, "users", "delete", user, "--yes") == {"id": user}


async def test_spend_caps_are_shown_with_what_counts_towards_them(
    settings: Settings, database: Database, cast: Cast
) -> None:
    await factories.put_track(database, cast.ada, cost_chf="1.5")
    org = cast.ada.organization_id
    assert run_json(settings, "limits", "set", org, "week", "12.50") == {"window": "week", "limitChf": "12.50"}
    shown = {
        row["window"]: (row["limitChf"], float(row["committedChf"]))
        for row in run_json(settings, "limits", "show", org)
    }
    assert shown == {"day": (None, 1.5), "week": ("12.5000", 1.5), "month": (None, 1.5)}
    status, output = run_cli(settings, "show", org, command="limits")
    assert (status, output.splitlines()[0].split("\t")[:2]) == (0, ["day", "none"])


@pytest.mark.parametrize(
    ("words", "status", "message"),
    [
        (("users", "list", "--jsno"), 2, "No such option: --jsno"),
        (("users", "create"), 2, "Missing argument 'name'."),
        (("users", "nothing"), 2, "No such command 'nothing'."),
        (("limits", "set", "org_x", "year", "1"), 2, "Invalid value for 'window'"),
        (("limits", "set", "org_x", "day", "much"), 2, "much is not an amount"),
        (("limits", "show", "org_x"), 3, "Organization not found"),
        (("users", "delete", "user_x"), 2, "add --yes"),
        (("nothing",), 2, "No such command 'nothing'."),
        (("generate", "x", "--duration", "long"), 2, "Invalid value for '--duration'"),
    ],
)
def test_errors_are_json_also_those_of_wrong_usage(
    settings: Settings, words: tuple[str, ...], status: int, message: str
) -> None:
    first, *rest = words
    found, output = run_cli(settings, *rest, "--json", command=first)
    error = json.loads(output)["error"]
    assert (found, error["status"]) == (status, status)
    assert message in error["message"]


def test_without_json_wrong_usage_is_text(settings: Settings) -> None:
    status, output = run_cli(settings, "create", "--", "--json", command="users")
    assert status == 2
    assert "Missing option '--org'" in output
    assert '"error"' not in output
