"""Single ranges as in RFC 9110."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.routes import media
from server.routes.media import UnsatisfiableRangeError


@given(st.integers(1, 1000), st.integers(0, 2000), st.integers(0, 2000))
def test_a_range_is_a_slice(size: int, first: int, last: int) -> None:
    whole = list(range(size))
    header = f"bytes={first}-{last}"
    if last < first:
        assert media.parse_range(header, size) is None
    elif first >= size:
        with pytest.raises(UnsatisfiableRangeError):
            media.parse_range(header, size)
    else:
        assert list(media.parse_range(header, size) or []) == whole[first : last + 1]


@given(st.integers(1, 1000), st.integers(1, 2000))
def test_a_suffix_range_is_the_end_of_a_slice(size: int, length: int) -> None:
    assert list(media.parse_range(f"bytes=-{length}", size) or []) == list(range(size))[-length:]


@pytest.mark.parametrize("header", ["bytes=0-", "bytes=-1", "bytes=0-0"])
def test_no_range_of_an_empty_file_is_satisfiable(header: str) -> None:
    with pytest.raises(UnsatisfiableRangeError):
        media.parse_range(header, 0)


@given(st.text(max_size=40))
def test_any_header_is_parsed_or_ignored(header: str) -> None:
    for text in (header, f"bytes={header}"):
        try:
            part = media.parse_range(text, 100)
        except UnsatisfiableRangeError:
            continue
        assert part is None or (0 <= part.start < part.stop <= 100)
