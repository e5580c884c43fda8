"""The clients of the web, installed once a run."""

import pytest

from tests.support import node_clients
from tests.support.node_clients import Clients


@pytest.fixture(scope="session")
def clients() -> Clients:
    """Scripts and packages, ready to run."""
    return node_clients.install()
