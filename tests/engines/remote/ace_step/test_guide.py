"""The guide on ACE-Step configures what the adapters take."""

import json
import re

import pytest

from core.licence import Licence, LicenceClass
from core.settings import PROJECT, EngineSettings
from engines.registry import create_registry
from engines.remote.ace_step.lyrics import LANGUAGES
from engines.remote.ace_step.options import CppOptions, ServerOptions
from tests.support.remote.ace_step import api_server

GUIDE = (PROJECT / "docs" / "guides" / "ace-step.md").read_text()


def test_the_example_configures_an_engine() -> None:
    match = re.search(r"^MUSIC_STUDIO_ENGINES__REMOTE=(.*)$", GUIDE, re.MULTILINE)
    assert match is not None
    registry = create_registry(EngineSettings.model_validate({"remote": json.loads(match[1])}))
    info = registry.get("ace")
    assert info is not None
    assert info.licence == Licence(LicenceClass.COMMERCIAL_CLEARED, "2026-11-30", requires_attribution=False)
    assert info.supported_languages == LANGUAGES
    assert len(LANGUAGES) == 50


@pytest.mark.parametrize("options", [ServerOptions, CppOptions])
def test_every_option_is_in_the_guide(options: type[ServerOptions] | type[CppOptions]) -> None:
    assert [name for name in options.model_fields if f"`{name}`" not in GUIDE] == []


def test_the_guide_names_the_version_of_the_tested_server() -> None:
    assert api_server.VERSION in GUIDE
