"""The clients of the web, installed once a run."""

import pytest

from tests.clients import node
from tests.clients.node import Clients


@pytest.fixture(scope="session")
def clients() -> Clients:
    """Scripts and packages, ready to run."""
    return node.install()
