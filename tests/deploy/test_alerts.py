"""The alert rules name metrics, labels and error codes that exist."""

import re
from typing import Any

import httpx
import pytest

from core.errors import ErrorCode
from core.jobs import Status
from core.settings import PROJECT
from storage.postgres.database import Database
from tests.support import deployment_files, factories, programs
from tests.support.deployment_files import DEPLOY
from tests.support.users import Cast

RULES = DEPLOY / "prometheus" / "alerts.yaml"
PAGE = PROJECT / "docs" / "operations" / "monitor.md"


def rules() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = deployment_files.load_yaml(RULES)["groups"][0]["rules"]
    return found


def test_promtool_accepts_the_rules() -> None:
    done = programs.run_installed("promtool", ["check", "rules", RULES])
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule["alert"])
def test_an_alert_names_existing_codes_and_a_severity(rule: dict[str, Any]) -> None:
    assert set(re.findall(r'code="(\w+)"', rule["expr"])) <= {*ErrorCode, "INTERNAL_ERROR"}
    assert rule["annotations"]["summary"]
    assert rule["labels"]["severity"] in {"page", "ticket"}


async def test_every_metric_is_documented_and_those_of_alerts_exist(
    client: httpx.AsyncClient, database: Database, cast: Cast
) -> None:
    await factories.put_generation(database, cast.ada, Status.QUEUED)
    types = re.findall(r"^# TYPE (\w+) (\w+)$", (await client.get("/metrics")).text, re.MULTILINE)
    known = {name for name, kind in types if name.startswith("music_studio_") and "created" not in name}
    documented = set(re.findall(r"^\| `(music_studio_\w+)` \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE))
    assert documented == known
    queried = {name for rule in rules() for name in re.findall(r"music_studio_\w+", rule["expr"])}
    assert {re.sub("_(?:bucket|count)$", "", name) for name in queried} <= known


def test_every_alert_is_documented() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert re.findall(r"^\| `(MusicStudio\w+)` \|", page, re.MULTILINE) == [rule["alert"] for rule in rules()]
