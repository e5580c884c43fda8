"""The guide on engines lists every setting of a remote engine, with its default."""

from core.settings import PROJECT
from core.settings.remote_engines import RemoteEngineSettings


def test_every_setting_of_a_remote_engine_is_listed_with_its_default() -> None:
    text = (PROJECT / "docs" / "guides" / "engines.md").read_text(encoding="utf-8")
    rows = [line.split(" | ") for line in text.splitlines() if line.startswith("| `")]
    defaults = {row[0].removeprefix("| ").strip("`"): row[1].strip() for row in rows if len(row) == 3}
    assert defaults.keys() == RemoteEngineSettings.model_fields.keys()
    numbers = {
        name: str(field.default)
        for name, field in RemoteEngineSettings.model_fields.items()
        if isinstance(field.default, int | float)
    }
    assert {name: defaults[name] for name in numbers} == numbers
