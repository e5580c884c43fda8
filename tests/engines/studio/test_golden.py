import pytest

from benchmarks.music import golden
from benchmarks.music.renders import Order


def test_the_golden_file_holds_every_request() -> None:
    assert sorted(golden.read()) == sorted(order.prompt for order in golden.REQUESTS)


@pytest.mark.skipif(not golden.is_comparable(), reason="bit-equal samples are promised on Linux x86-64 only")
@pytest.mark.parametrize("order", golden.REQUESTS, ids=lambda order: str(order.prompt))
def test_the_samples_of_a_request_never_change_within_a_version(order: Order) -> None:
    """After a change that is meant to be heard: raise the card's version, then `python -m benchmarks.music golden`."""
    assert golden.fingerprint(order) == golden.read()[order.prompt]
