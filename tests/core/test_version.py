import tomllib

from core.settings import PROJECT
from core.version import VERSION


def test_the_version_is_that_of_the_project() -> None:
    assert tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"] == VERSION
