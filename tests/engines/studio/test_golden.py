import pytest

from benchmarks.music import golden
from benchmarks.music.renders import RenderOrder


def test_the_golden_file_contains_every_request() -> None:
    assert sorted(golden.read()) == sorted(order.prompt for order in golden.REQUESTS)


@pytest.mark.skipif(not golden.is_comparable(), reason="samples are bit-identical only on Linux x86-64 with AVX-512")
@pytest.mark.parametrize("order", golden.REQUESTS, ids=lambda order: str(order.prompt))
def test_the_samples_of_a_request_do_not_change_within_a_version(order: RenderOrder) -> None:
    """After an intended change of samples, raise the version in info.py and run `python -m benchmarks.music golden`."""
    assert golden.hash_render(order) == golden.read()[order.prompt]
