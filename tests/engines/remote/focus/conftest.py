import pytest

from engines.port import EngineInfo
from engines.registry import create_registry
from tests.support.remote.peer_engine import KEY, engine_settings


@pytest.fixture
def info() -> EngineInfo:
    """An engine at a peer that plays focus sessions."""
    found = create_registry(engine_settings("http://peer", options={"focus": True})).get(KEY)
    assert found is not None
    return found
