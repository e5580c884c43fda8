"""Requests that the shipped content policy refuses and allows."""

from pathlib import Path

import httpx
import pytest
from sqlalchemy import text

from resolvers.access import content_policy
from storage.postgres.database import Database
from tests.support.users import Cast

REFUSED = [
    ("a ballad in the voice of Celine Dion", "voice-of-a-person"),
    ("pop song, vocals like Taylor Swift", "voice-of-a-person"),
    ("sung by Freddie Mercury", "voice-of-a-person"),
    ("clone Drake's voice over trap", "voice-of-a-person"),
    ("Adele's exact voice on piano", "voice-of-a-person"),
    ('a cover of "Yesterday"', "copy-of-a-song"),
    ("a note-for-note copy of that hit", "copy-of-a-song"),
    ("recreate the song that plays in the film", "copy-of-a-song"),
    ("same melody as the anthem", "copy-of-a-song"),
    ("march: kill all the immigrants", "hate"),
    ("KÏLL   all   Jews", "hate"),
    ("white power anthem", "hate"),
    ("erotic song about a child", "sexual-abuse"),
]
ALLOWED = [
    "warm lofi beat at 82 bpm with rhodes",
    "a lullaby for children, soft and safe",
    "choir voices like the sea",
    "in the style of late night jazz",
    "vocals like warm honey",
    "voice of the wind over strings",
    "killer bass line, sexy saxophone",
    "cover art mood, dark cover of clouds",
    "music for women who run",
    "white noise with power chords",
]


@pytest.mark.parametrize(("prompt", "name"), REFUSED)
def test_shipped_rules_refuse(prompt: str, name: str) -> None:
    rule = content_policy.load().find_broken_rule([None, prompt])
    assert rule is not None
    assert rule.name == name


@pytest.mark.parametrize("prompt", ALLOWED)
def test_shipped_rules_allow(prompt: str) -> None:
    assert content_policy.load().find_broken_rule([prompt]) is None


@pytest.mark.parametrize(
    "content", ["[[rule]]\nname = 'x'", "nonsense =", "[[rule]]\nname='x'\nreason='y'\npatterns=['(']"]
)
def test_an_invalid_file_is_named_in_the_error(tmp_path: Path, content: str) -> None:
    path = tmp_path / "policy.toml"
    path.write_text(content)
    with pytest.raises(ValueError, match=r"policy\.toml cannot be used"):
        content_policy.load(path)


@pytest.mark.parametrize("field", ["prompt", "title", "style_tags"])
async def test_a_refused_generation_has_a_reason_and_no_cost(
    client: httpx.AsyncClient, database: Database, cast: Cast, field: str
) -> None:
    words = "sung by Freddie Mercury"
    body = {
        "engine": "studio",
        "prompt": "x",
        "duration_seconds": 30,
        field: [words] if field == "style_tags" else words,
    }
    url = f"/v1/music/{cast.ada.organization_id}/generations"
    job = (await client.post(url, json=body, headers=cast.ada.headers)).json()
    assert job["status"] == "refused"
    assert job["refusal_reason"].startswith("The request asks for the voice of a named person.")
    assert (await client.get(f"{url}/{job['id']}", headers=cast.ada.headers)).json() == job
    assert (await client.post(f"{url}/{job['id']}/cancel", headers=cast.ada.headers)).json() == job
    async with database.transaction() as session:
        assert await session.scalar(text("SELECT sum(cost_chf) FROM generations")) == 0
