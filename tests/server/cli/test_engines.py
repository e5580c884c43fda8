"""``studio engines`` and ``studio engines check`` with peers."""

import asyncio
import json
from collections.abc import Mapping
from typing import Any

import pytest
from typer.testing import CliRunner

from core.licence import LicenceClass
from core.settings import EngineSettings, Settings
from engines.registry import create_registry
from server.cli.commands import build_app
from storage.postgres.database import Database
from tests.support.processes import configured_server
from tests.support.remote import peer as peers
from tests.support.remote import peer_engine
from tests.support.remote.peer import Fault
from tests.support.remote.peer_engine import KIND
from tests.support.users import Cast
from workers.loops import engine_checks

DECLARATION = {
    "declared_on": "2026-11-30",
    "licence_class": "personal_only",
    "plan": "Basic",
    "terms_url": "https://peer.example/terms",
}


def run_check(monkeypatch: pytest.MonkeyPatch, *arguments: str, **instances: Mapping[str, Any]) -> tuple[int, str, str]:
    monkeypatch.setenv("MUSIC_STUDIO_ENGINES__REMOTE", json.dumps(instances))
    done = CliRunner().invoke(build_app("engines"), ["engines", "check", *arguments])
    return done.exit_code, done.stdout, done.stderr


def test_a_usable_engine_is_reported_with_its_models_and_licence(monkeypatch: pytest.MonkeyPatch) -> None:
    with peers.running() as peer:
        far = {"kind": KIND, "url": peer.url, "declaration": DECLARATION}
        status, text, errors = run_check(monkeypatch, "--json", far=far)
    [row] = json.loads(text)
    assert (status, errors) == (0, "")
    assert row == {
        "key": "far",
        "kind": KIND,
        "usable": True,
        "message": "The peer is ready.",
        "models": "tones",
        "jobs_ahead": None,
        "licence": f"{LicenceClass.PERSONAL_ONLY.value}, declared on 2026-11-30",
    }


def test_an_engine_that_cannot_be_used_is_explained_and_others_are_still_checked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with peers.running() as peer, peers.running() as broken:
        broken.faults["check"].append(Fault(503, "no graphics card"))
        instances = {"near": {"kind": KIND, "url": broken.url}, "far": {"kind": KIND, "url": peer.url}}
        status, text, errors = run_check(monkeypatch, **instances)
    near, far = (line.split("\t") for line in text.splitlines())
    assert (near[0], near[3]) == ("near", "The peer answered 503: no graphics card")
    assert near[6] == "unclear; set MUSIC_STUDIO_ENGINES__REMOTE__NEAR__DECLARATION"
    assert far[3] == "The peer is ready."
    assert (status, errors) == (1, "studio: Not usable: near.\n")


def test_an_unreachable_engine_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    status, text, _ = run_check(monkeypatch, far={"kind": KIND, "url": "http://127.0.0.1:9"})
    assert (status, text.split("\t")[3]) == (1, "The peer cannot be reached.")


@pytest.mark.parametrize(
    ("instances", "message"),
    [
        ({}, "studio: No remote engine is configured. Set MUSIC_STUDIO_ENGINES__REMOTE.\n"),
        (
            {"far": {"kind": "cello", "url": "http://peer"}},
            "studio: The remote engine far has the unknown kind 'cello'.",
        ),
    ],
)
def test_wrong_settings_are_explained(monkeypatch: pytest.MonkeyPatch, instances: dict[str, Any], message: str) -> None:
    status, text, errors = run_check(monkeypatch, **instances)
    assert (status, text) == (1, "")
    assert errors.startswith(message)


async def test_the_list_states_which_engines_can_be_used_and_how_long_jobs_wait(
    database: Database, settings: Settings, quiet_redis_url: str, cast: Cast
) -> None:
    with peers.running() as peer:
        remote = peer_engine.engine_settings(peer.url).remote
        [entry] = create_registry(EngineSettings(remote=remote)).remotes
        peer.faults["check"].append(Fault(503, "no graphics card"))
        await engine_checks.check_if_due(database, entry)
    with configured_server.run_server(settings, quiet_redis_url, engines={"remote": remote}) as url:
        words = ["engines", f"--url={url}", f"--api-key={cast.ada.key}"]
        done = await asyncio.to_thread(CliRunner().invoke, build_app("engines"), words)
    rows = [line.split("\t") for line in done.stdout.splitlines()]
    state = "unavailable: The peer answered 503: no graphics card"
    assert [(row[0], *row[-3:]) for row in rows] == [("studio", "", "0", "0 s"), (peer_engine.KEY, state, "0", "")]
