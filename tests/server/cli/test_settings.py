"""The documented settings."""

from core.settings import PROJECT
from server.cli.settings import render_markdown


def test_the_documented_table_is_the_one_of_the_settings_class() -> None:
    documented = (PROJECT / "docs" / "reference" / "settings.md").read_text(encoding="utf-8")
    assert documented.endswith("\n\n" + render_markdown())
