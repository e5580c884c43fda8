"""JavaScript clients, installed once per test run."""

import pytest

from tests.support.processes import node_clients
from tests.support.processes.node_clients import Clients


@pytest.fixture(scope="session")
def clients() -> Clients:
    """Return the client scripts with their installed packages."""
    return node_clients.install()
