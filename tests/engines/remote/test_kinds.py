"""Remote engines from settings: their adapters, and what the operator decides about them."""

from typing import Any

import pytest
from pydantic import ValidationError

from core.licence import Licence, LicenceClass
from core.settings import Settings
from core.settings.remote_engines import RemoteEngineSettings
from core.track_metadata import SourceType
from engines.registry import create_registry
from engines.studio.info import STUDIO_INFO
from tests.support.remote.peer_engine import KEY, KIND, PeerEngine, engine_settings

DECLARATION = {
    "declared_on": "2026-11-30",
    "licence_class": "commercial_cleared",
    "plan": "Pro",
    "terms_url": "https://peer.example/terms",
}


def test_a_remote_engine_is_listed_after_the_installed_ones() -> None:
    registry = create_registry(engine_settings("http://peer"))
    assert [info.key for info in registry.infos] == ["studio", KEY]
    assert registry.default == STUDIO_INFO
    assert registry.styles(KEY) == ()
    with pytest.raises(KeyError):
        registry.load(KEY)


def test_settings_decide_name_length_licence_and_source_type() -> None:
    settings = engine_settings("http://peer/", name="Far", max_duration_seconds=30, declaration=DECLARATION)
    info = create_registry(settings).get(KEY)
    assert info is not None
    assert (info.name, info.max_duration_seconds, info.source_type) == (
        "Far",
        30,
        SourceType.TRAINED_ALGORITHMIC_MEDIA,
    )
    assert info.licence == Licence(LicenceClass.COMMERCIAL_CLEARED, "2026-11-30", requires_attribution=False)
    assert (info.supports_stems, info.supports_focus, info.supports_lyrics) == (False, False, True)
    assert settings.remote[KEY].url == "http://peer"


def test_the_licence_is_unclear_without_a_declaration() -> None:
    info = create_registry(engine_settings("http://peer")).get(KEY)
    assert info is not None
    assert info.licence == Licence(LicenceClass.UNCLEAR, "undeclared", requires_attribution=False)


def test_a_remote_engine_can_be_the_only_one() -> None:
    settings = engine_settings("http://peer").model_copy(update={"enabled": (), "default": KEY})
    assert [info.key for info in create_registry(settings).infos] == [KEY]


def test_each_connection_is_a_new_adapter() -> None:
    entry = create_registry(engine_settings("http://peer")).remote(KEY)
    assert entry is not None
    first, second = entry.connect(), entry.connect()
    assert isinstance(first, PeerEngine)
    assert first is not second


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("cello", r"^The remote engine distant has the unknown kind 'cello'\. Known kinds: "),
        ("cello:Cello", r"^The adapter 'cello:Cello' of the remote engine distant cannot be loaded: No module named"),
    ],
)
def test_an_unknown_kind_raises_an_error(kind: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        create_registry(engine_settings("http://peer", kind=kind))


def test_the_key_of_an_installed_engine_is_rejected() -> None:
    settings = engine_settings("http://peer")
    taken = settings.model_copy(update={"remote": {"studio": settings.remote[KEY]}})
    with pytest.raises(ValueError, match="studio is an installed engine"):
        create_registry(taken)


def test_variables_of_an_instance_are_read_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    prefix = "MUSIC_STUDIO_ENGINES__REMOTE__FAR__"
    values = {"KIND": KIND, "URL": "http://peer", "KEY": "hush", "MODELS": "a, b", "MAX_JOBS": "3"}
    for name, value in values.items():
        monkeypatch.setenv(prefix + name, value)
    engines = Settings().engines
    instance = engines.remote["far"]
    assert (instance.models, engines.job_limits) == (("a", "b"), {"far": 3})
    assert instance.key is not None
    assert instance.key.get_secret_value() == "hush"
    assert "hush" not in repr(engines)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"url": "ftp://peer"}, "url"),
        ({"declaration": {**DECLARATION, "requires_attribution": True}}, "declaration"),
        ({"declaration": {**DECLARATION, "declared_on": "soon"}}, "declaration.declared_on"),
        ({"max_jobs": 0}, "max_jobs"),
        ({"speed": 1}, "speed"),
    ],
)
def test_wrong_settings_of_an_instance_are_named(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(ValidationError) as raised:
        RemoteEngineSettings.model_validate({"kind": KIND, "url": "http://peer", **changes})
    [error] = raised.value.errors()
    assert ".".join(map(str, error["loc"])) == field


def test_the_price_of_an_instance_is_its_own() -> None:
    engines = engine_settings("http://peer", cost_chf_per_minute="1.5")
    assert [str(engines.price_chf_per_minute(key)) for key in ("studio", KEY, "cello")] == ["0.20", "1.5", "0"]
