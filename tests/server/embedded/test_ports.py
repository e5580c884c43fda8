import socket

import pytest

from server.embedded import ports
from server.embedded.errors import StartupError


def test_a_port_in_use_is_an_error() -> None:
    with socket.create_server((ports.LOOPBACK, 0)) as taken:
        port = taken.getsockname()[1]
        assert ports.accepts_connections(port)
        with pytest.raises(StartupError) as error:
            ports.check_available(port)
    assert str(error.value) == (
        f"Port {port} on 127.0.0.1 is in use by another program: stop it, or choose another port with --port."
    )


def test_a_free_port_can_be_listened_on() -> None:
    port = ports.find_free()
    ports.check_available(port)
    assert not ports.accepts_connections(port)


def test_an_address_of_another_machine_is_an_error() -> None:
    with pytest.raises(StartupError, match=r"^Cannot listen on 192\.0\.2\.1 port 8000: .*\.$"):
        ports.check_available(8000, "192.0.2.1")
