from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.remote.ace_step import api_server, cpp_server
from tests.support.remote.ace_step.api_server import ApiServer
from tests.support.remote.ace_step.cpp_server import CppServer


@pytest.fixture(scope="session")
def ace_step_packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("packages")
    api_server.install(folder)
    return folder


@pytest.fixture(scope="session")
def shared_api_server(ace_step_packages: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiServer]:
    with api_server.running(ace_step_packages, tmp_path_factory.mktemp("ace-step")) as server:
        yield server


@pytest.fixture
def cpp() -> Iterator[CppServer]:
    with cpp_server.running() as server:
        yield server
