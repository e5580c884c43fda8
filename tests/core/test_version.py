import tomllib

from core.settings import PROJECT
from core.version import VERSION


def test_the_version_equals_the_one_in_pyproject_toml() -> None:
    assert tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"] == VERSION
