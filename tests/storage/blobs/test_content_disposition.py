"""File names in the Content-Disposition header: escaped, with an ASCII fallback."""

import pytest

from storage.blobs import content_disposition


@pytest.mark.parametrize(
    ("name", "ascii_name", "encoded_name"),
    [
        ("Night Desk.mp3", "Night Desk.mp3", "Night%20Desk.mp3"),
        ("Träume → Café.flac", "Traume _ Cafe.flac", "Tr%C3%A4ume%20%E2%86%92%20Caf%C3%A9.flac"),
        ("夜.wav", "_.wav", "%E5%A4%9C.wav"),
        ('a"b;c\\d.mp3', "a_b_c_d.mp3", "a%22b%3Bc%5Cd.mp3"),
        ("a\r\nSet-Cookie: x.mp3", "a__Set-Cookie_ x.mp3", "a%0D%0ASet-Cookie%3A%20x.mp3"),
        ("50%25.mp3", "50_25.mp3", "50%2525.mp3"),
        ("../../etc/x", ".._.._etc_x", "..%2F..%2Fetc%2Fx"),
    ],
    ids=["plain", "accents", "other-script", "quotes", "line-break", "percent", "path"],
)
def test_a_header_contains_an_ascii_and_a_utf8_name(name: str, ascii_name: str, encoded_name: str) -> None:
    for is_attachment, kind in ((True, "attachment"), (False, "inline")):
        header = content_disposition.header(name, is_attachment=is_attachment)
        assert header == f"{kind}; filename=\"{ascii_name}\"; filename*=UTF-8''{encoded_name}"
