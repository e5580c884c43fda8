"""The settings: their documentation, effective values, and misspelt variables."""

import json

import pytest
from typer.testing import CliRunner

from core.settings import PROJECT, Settings
from server.cli import setting_variables
from server.cli.commands import build_app
from server.cli.settings import _SUBJECTS, render_markdown


def test_the_documented_settings_match_the_settings_class() -> None:
    documented = (PROJECT / "docs" / "reference" / "settings.md").read_text(encoding="utf-8")
    assert documented == render_markdown()


def test_every_setting_is_documented_once_and_every_name_of_a_subject_exists() -> None:
    text = render_markdown()
    assert [name for name, _, _ in setting_variables.fields() if text.count(f"| `{name}` |") != 1] == []
    names = [name for names in _SUBJECTS.values() for name in names]
    assert len(names) == len(set(names))
    assert set(names) <= Settings.model_fields.keys()


@pytest.mark.parametrize(
    ("variable", "similar"),
    [
        ("MUSIC_STUDIO_SERVER__PROT", "MUSIC_STUDIO_SERVER__PORT"),
        ("MUSIC_STUDIO_SERVER_PORT", "MUSIC_STUDIO_SERVER__PORT"),
        ("MUSIC_STUDIO_LOGLEVEL", "MUSIC_STUDIO_LOG_LEVEL"),
        ("MUSIC_STUDIO_XYZZY", None),
    ],
)
def test_a_misspelt_variable_is_named_with_the_most_similar_setting(variable: str, similar: str | None) -> None:
    assert setting_variables.misspelt([variable, "PATH"]) == {variable: similar}


def test_all_settings_and_the_variables_of_the_script_are_known() -> None:
    names = [name for name, _, _ in setting_variables.fields()]
    others = ["MUSIC_STUDIO_VENV", "MUSIC_STUDIO_API_KEY", "MUSIC_STUDIO_DATABASE_URL", "MUSIC_STUDIO_SERVER"]
    assert setting_variables.misspelt([*names, *others, "music_studio_server__port"]) == {}


def test_effective_values_have_an_origin_and_no_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MUSIC_STUDIO_SERVER__PORT", "9000")
    monkeypatch.setenv("DATABASE_URL", "postgresql://ada:hunter2@db/studio")
    monkeypatch.setenv("MUSIC_STUDIO_SIGNING_KEY", "x" * 32)
    done = CliRunner().invoke(build_app("settings"), ["settings", "--effective", "--json"])
    rows = {row["variable"]: (row["value"], row["origin"]) for row in json.loads(done.stdout)}
    assert rows["MUSIC_STUDIO_SERVER__PORT"] == ("9000", "environment")
    assert rows["DATABASE_URL"] == ("postgresql://ada:…@db/studio", "environment")
    assert rows["MUSIC_STUDIO_SIGNING_KEYS"] == ("…", "environment")
    assert rows["MUSIC_STUDIO_RETENTION__EXPORTS_DAYS"] == (str(Settings().retention.exports_days), "default")


def test_a_misspelt_setting_of_a_group_is_named_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MUSIC_STUDIO_SERVER__PROT", "9")
    done = CliRunner().invoke(build_app("settings"), ["settings", "--effective"])
    assert (done.exit_code, done.stderr) == (
        1,
        "studio: MUSIC_STUDIO_SERVER__PROT is no setting. Did you mean MUSIC_STUDIO_SERVER__PORT?\n",
    )
