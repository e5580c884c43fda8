import subprocess
import sys
from pathlib import Path

import pytest

from engines.registry import EngineRegistry
from engines.studio.engine import StudioEngine
from engines.studio.info import STUDIO_INFO


def test_the_default_is_one_of_the_enabled_engines() -> None:
    registry = EngineRegistry(["studio"], "studio")
    assert registry.default == STUDIO_INFO
    assert registry.infos == (STUDIO_INFO,)


def test_infos_are_found_by_key() -> None:
    registry = EngineRegistry()
    assert registry.get("studio") == STUDIO_INFO
    assert registry.get("cello") is None


def test_an_unknown_engine_raises_an_error_that_names_the_known_ones() -> None:
    with pytest.raises(ValueError, match=r"^Unknown engine: cello, oboe\. Known engines: studio\.$"):
        EngineRegistry(["cello", "studio", "oboe"], "studio")


def test_a_default_that_is_not_enabled_raises_an_error() -> None:
    with pytest.raises(ValueError, match=r"^The default engine studio is not enabled\. Enabled: none\.$"):
        EngineRegistry([], "studio")


def test_an_engine_is_loaded_once() -> None:
    registry = EngineRegistry()
    engine = registry.load("studio")
    assert isinstance(engine, StudioEngine)
    assert registry.load("studio") is engine
    assert engine.info is STUDIO_INFO


def test_loading_an_engine_that_is_not_enabled_raises_an_error() -> None:
    with pytest.raises(KeyError):
        EngineRegistry().load("cello")


def test_the_styles_of_an_engine_are_ordered_by_name() -> None:
    names = [style.name for style in EngineRegistry().styles("studio")]
    assert names == sorted(names, key=str.casefold)
    assert "Deep house" in names


@pytest.mark.parametrize(
    ("expression", "module"),
    [("infos", "scipy"), ("infos", "engines.studio.styles"), ("styles('studio')", "scipy")],
)
def test_infos_and_styles_are_read_without_the_renderer(expression: str, module: str) -> None:
    code = f"import sys; from engines.registry import EngineRegistry; EngineRegistry().{expression}"
    script = f"{code}; print({module!r} in sys.modules)"
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)  # noqa: S603
    assert result.stdout == "False\n"


def test_a_render_after_loading_all_loads_nothing_more(tmp_path: Path) -> None:
    """A worker forks a child for each job, which would import it again, and collect the parts of compound words."""
    code = """
import sys
from pathlib import Path
from engines.port import RenderRequest
from engines.registry import EngineRegistry

class Monitor:
    def report(self, stage, fraction): ...

registry = EngineRegistry()
registry.load_all()
loaded = set(sys.modules)
from engines.studio.prompt import compounds
vocabularies = compounds._vocabulary.cache_info().currsize
registry.load("studio").render(RenderRequest("warm lofi beat", 1.0, 1), Path(sys.argv[1]), Monitor())
print(sorted(set(sys.modules) - loaded), "numpy" in loaded, vocabularies)
"""
    command = [sys.executable, "-c", code, str(tmp_path)]
    result = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603
    assert result.stdout.split("\n") == ["[] True 1", ""]
