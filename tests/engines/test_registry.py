import subprocess
import sys

import pytest

from engines.registry import Registry
from engines.studio.engine import StudioEngine
from engines.studio.info import CARD


def test_the_default_is_one_of_the_enabled_engines() -> None:
    registry = Registry(["studio"], "studio")
    assert registry.default == CARD
    assert registry.cards == (CARD,)


def test_a_card_is_found_by_its_key_and_an_unknown_key_has_none() -> None:
    registry = Registry()
    assert registry.get("studio") == CARD
    assert registry.get("cello") is None


def test_an_unknown_engine_is_refused_by_naming_the_known_ones() -> None:
    with pytest.raises(ValueError, match=r"^Unknown engine: cello, oboe\. Known engines: studio\.$"):
        Registry(["cello", "studio", "oboe"], "studio")


def test_a_default_that_is_not_enabled_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^The default engine studio is not enabled\. Enabled: none\.$"):
        Registry([], "studio")


def test_an_engine_is_loaded_once() -> None:
    registry = Registry()
    engine = registry.load("studio")
    assert isinstance(engine, StudioEngine)
    assert registry.load("studio") is engine
    assert engine.card is CARD


def test_loading_an_engine_that_is_not_enabled_fails() -> None:
    with pytest.raises(KeyError):
        Registry().load("cello")


def test_reading_the_cards_does_not_load_scipy() -> None:
    code = "import sys; from engines.registry import Registry; Registry().cards; print('scipy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603
    assert done.stdout == "False\n"
