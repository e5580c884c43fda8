"""Read the header of a PNG."""

import struct


def png_header(png: bytes) -> tuple[int, int, int, int, int]:
    """Width, height, depth, colour type and interlacing of the header."""
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    width, height, depth, colour, _, _, interlace = struct.unpack(">IIBBBBB", png[16:29])
    return width, height, depth, colour, interlace
