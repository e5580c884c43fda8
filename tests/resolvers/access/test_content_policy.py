"""Requests that the shipped content policy refuses and allows."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Final

import httpx
import pytest
from sqlalchemy import text

from resolvers.access import content_policy
from storage.postgres.database import Database
from tests.support.factories import put_track
from tests.support.graphql.client import data
from tests.support.users import Cast

POLICY: Final = content_policy.load()
HERE: Final = Path(__file__).parent


def read_prompts(file: str) -> list[tuple[str, str]]:
    """Return the prompts of a file with the heading that each is listed under; ``\\u200b`` is that character."""
    prompts: list[tuple[str, str]] = []
    heading = ""
    for line in (HERE / file).read_text(encoding="utf-8").splitlines():
        if line.startswith("# "):
            heading = line.removeprefix("# ")
        else:
            prompts.append((heading, re.sub(r"\\u([0-9a-f]{4})", lambda code: chr(int(code[1], 16)), line)))
    return prompts


def broken_rule(text: str) -> str | None:
    rule = POLICY.find_broken_rule([None, text])
    return rule.name if rule else None


@pytest.mark.parametrize(("name", "prompt"), read_prompts("policy_refused_by_rule.txt"))
def test_shipped_rules_refuse(name: str, prompt: str) -> None:
    assert broken_rule(prompt) == name


@pytest.mark.parametrize(
    ("base", "name"),
    [
        ("in the voice of adele", "voice-of-a-person"),
        ("kill all jews", "hate"),
        ("a cover of despacito", "copy-of-a-song"),
        ("erotic song about children", "sexual-abuse"),
    ],
)
@pytest.mark.parametrize(
    "disguise",
    [
        str.upper,
        str.title,
        "\u200b".join,
        lambda text: text.replace("e", "e\u00ad").replace("l", "l\u2060"),
        lambda text: text.replace("e", "\u0435").replace("a", "\u0430").replace("o", "\u043e"),
        lambda text: text.replace("i", "\u0456").replace("o", "\u03bf"),
        lambda text: text.replace("e", "3").replace("o", "0").replace("i", "1").replace("a", "@"),
        lambda text: text.replace(" ", "_"),
        lambda text: text.replace(" ", " - "),
        lambda text: text.replace(" ", "..."),
        lambda text: " ".join(".".join(word) for word in text.split()),
        lambda text: " ".join("*".join(word) for word in text.split()),
        lambda text: text.replace("l", "lll").replace("c", "cc"),
        lambda text: text.replace("e", "e\u0301").replace("i", "\u00ef"),
        lambda text: "".join(chr(ord(c) + 0xFEE0) if "a" <= c <= "z" else c for c in text),
        lambda text: "".join(chr(ord(c) - ord("a") + 0x1D4EA) if "a" <= c <= "z" else c for c in text),
    ],
)
def test_a_disguise_does_not_hide_a_phrase(base: str, name: str, disguise: Callable[[str], str]) -> None:
    assert broken_rule(disguise(base)) == name


def test_at_least_95_percent_of_paraphrases_are_refused() -> None:
    prompts = read_prompts("policy_refused.txt")
    accepted = [(heading, prompt) for heading, prompt in prompts if broken_rule(prompt) is None]
    assert len(prompts) > 600
    assert len(accepted) <= 0.05 * len(prompts), accepted


def test_at_most_1_percent_of_ordinary_prompts_are_refused() -> None:
    prompts = read_prompts("policy_ordinary.txt")
    refused = [(rule, prompt) for _, prompt in prompts if (rule := broken_rule(prompt))]
    assert len(prompts) > 1000
    assert len(refused) <= 0.01 * len(prompts), refused


@pytest.mark.parametrize(
    "prompt",
    [
        "\U0001f1fboice of \U0001f150dele",
        "voice|of|adele",
        "voiceofadele",
        "v.oi.ce o.f Ad.ele",
        "Angela Merkels Stimme",
        "Stimme von Groenemeyer",
        "L a n a D e l R e y voice",
        "v0cals by N1na S1mone",
        "sung by Billie Eillish",
        "sabrina carpentar vocals",
        "Stormszy rapping on the hook",
    ],
)
def test_a_name_is_recognized_however_it_is_spelled(prompt: str) -> None:
    assert broken_rule(prompt) == "voice-of-a-person"


@pytest.mark.parametrize("prompt", ["rock-n-b' and more", "`'''`graphql[^\\\\n]*\\\\n(.*?)``", "$", "a-b-'", "|-x-y'"])
def test_letters_beside_quotation_marks_are_read(prompt: str) -> None:
    assert broken_rule(prompt) is None


@pytest.mark.parametrize("prompt", [prompt for _, prompt in read_prompts("policy_allowed.txt")])
def test_shipped_rules_allow(prompt: str) -> None:
    assert broken_rule(prompt) is None


@pytest.mark.parametrize(
    ("prompt", "is_refused"),
    [
        ("let Vexatrel sing it", True),
        ("let marimbas sing it", False),
        ("let vexatrel sing it", False),
        ("lass Vexatrel Akkorde singen", False),
        ("sung for the wedding of Nora Vexatrel", False),
        ("nora vexatrel singing", True),
        ("Nora vexes us, singing", False),
        ("a Bulgarian choir singing", False),
        ("Let The Vexatrel Sing Along Tonight", False),
    ],
)
def test_capital_letters_and_given_names_tell_names_from_nouns(prompt: str, *, is_refused: bool) -> None:
    assert (broken_rule(prompt) == "voice-of-a-person") is is_refused


@pytest.mark.parametrize(
    ("prompt", "is_refused"),
    [
        ("Instrumental von Mein Fenster, langsam", True),
        ("Instrumental von einem Fenster, langsam", False),
        ("a cover of It's My Life", True),
        ("a cover of Its My Life", True),
        ("stayin' alive sample for the intro", True),
        ("Stayin' out late, funk", False),
    ],
)
def test_titles_are_recognized_by_capitals_and_with_apostrophes(prompt: str, *, is_refused: bool) -> None:
    assert (broken_rule(prompt) == "copy-of-a-song") is is_refused


def test_a_rule_can_be_enabled(tmp_path: Path) -> None:
    path = tmp_path / "policy.toml"
    path.write_text(content_policy.DEFAULT_PATH.read_text(encoding="utf-8").replace("enabled = false", ""), "utf-8")
    policy = content_policy.load(path)
    for prompt in ("in the style of Daft Punk", "wie Rammstein", "à la manière de Stromae", "Adele type beat"):
        assert broken_rule(prompt) is None
        rule = policy.find_broken_rule([prompt])
        assert rule is not None
        assert rule.name == "style-of-an-artist"
    for prompt in ("in the style of Bach", "like a music box", "im Stil der Achtziger", "nello stile di un valzer"):
        assert policy.find_broken_rule([prompt]) is None


def test_a_semicolon_after_the_last_entry_of_a_class_is_no_entry(tmp_path: Path) -> None:
    path = tmp_path / "policy.toml"
    path.write_text("[words]\nsong = 'let it be;'\n[[rule]]\nname='x'\nreason='y'\nphrases=['cover of {song}']")
    policy = content_policy.load(path)
    assert policy.find_broken_rule(["a calm song"]) is None
    assert policy.find_broken_rule(["a cover of Let It Be"]) is not None


@pytest.mark.parametrize(
    "content",
    [
        "[[rule]]\nname = 'x'",
        "nonsense =",
        "[[rule]]\nname='x'\nreason='y'\npatterns=['(']",
        "[[rule]]\nname='x'\nreason='y'\nphrases=['{unknown} word']",
        "[[rule]]\nname='x'\nreason='y'\nphrases=['word?']",
    ],
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


UPDATES: Final = """
mutation($org: ID!, $collection: ID!, $track: ID!, $text: String!) {
  new: createCollection(input: { organizationId: $org, name: $text }) { __typename }
  described: createCollection(input: { organizationId: $org, name: "Mix", description: $text }) { __typename }
  renamed: updateCollection(input: { id: $collection, name: $text }) { __typename }
  retitled: updateTrack(input: { id: $track, title: $text }) { __typename }
}
"""


async def test_public_texts_are_checked_by_graphql(client: httpx.AsyncClient, database: Database, cast: Cast) -> None:
    url = f"/v1/music/{cast.ada.organization_id}/collections"
    collection = (await client.post(url, json={"name": "Evening"}, headers=cast.ada.headers)).json()
    ids = {
        "org": cast.ada.organization_id,
        "collection": collection["id"],
        "track": await put_track(database, cast.ada),
    }
    answer = await data(client, cast.ada, UPDATES, **ids, text="in the voice of Adele")
    assert {field: result["__typename"] for field, result in answer.items()} == dict.fromkeys(
        ("new", "described", "renamed", "retitled"), "InvalidInputError"
    )


async def test_public_texts_of_a_collection_and_a_track_are_checked(
    client: httpx.AsyncClient, database: Database, cast: Cast
) -> None:
    music, headers = f"/v1/music/{cast.ada.organization_id}", cast.ada.headers
    refused, field_of = "in the voice of Adele", "The request asks for the voice of a named person."
    for body in ({"name": refused}, {"name": "Evening", "description": refused}):
        answer = await client.post(f"{music}/collections", json=body, headers=headers)
        assert answer.status_code == 422
        assert answer.json()["error"]["details"]["errors"][0]["message"].startswith(field_of)
    collection = (await client.post(f"{music}/collections", json={"name": "Evening"}, headers=headers)).json()
    url = f"{music}/collections/{collection['id']}"
    assert (await client.patch(url, json={"name": refused}, headers=headers)).status_code == 422
    assert (await client.get(url, headers=headers)).json()["name"] == "Evening"
    track_id = await put_track(database, cast.ada)
    async with database.transaction() as session:
        await session.execute(text("UPDATE tracks SET title = :title"), {"title": refused})
    assert (await client.post(f"{music}/tracks/{track_id}/share", headers=headers)).status_code == 422
    async with database.transaction() as session:
        assert await session.scalar(text("SELECT count(*) FROM share_links")) == 0
