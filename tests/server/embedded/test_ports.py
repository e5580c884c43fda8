import socket

import pytest

from server.embedded import ports
from server.embedded.errors import CannotStart


def test_a_port_in_use_is_said() -> None:
    with socket.create_server((ports.LOOPBACK, 0)) as taken:
        port = taken.getsockname()[1]
        assert ports.answers(port)
        with pytest.raises(CannotStart) as refusal:
            ports.check(port)
    assert str(refusal.value) == (
        f"Port {port} on 127.0.0.1 is in use by another program: stop it, or choose another port with --port."
    )


def test_a_free_port_can_be_listened_on() -> None:
    port = ports.free()
    ports.check(port)
    assert not ports.answers(port)


def test_an_address_that_is_not_ours_is_said() -> None:
    with pytest.raises(CannotStart, match=r"^Nothing can listen on 192\.0\.2\.1 port 8000: .*\.$"):
        ports.check(8000, "192.0.2.1")
