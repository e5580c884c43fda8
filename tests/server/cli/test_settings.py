"""The documentation of the settings."""

from core.settings import PROJECT
from server.cli.settings import render_markdown


def test_the_documented_settings_match_the_settings_class() -> None:
    documented = (PROJECT / "docs" / "reference" / "settings.md").read_text(encoding="utf-8")
    assert documented.endswith("\n\n" + render_markdown())
