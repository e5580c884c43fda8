"""Names of files in a header: what every browser can read, and nothing that breaks out of it."""

import pytest

from storage.blobs import content_disposition


@pytest.mark.parametrize(
    ("name", "plain", "whole"),
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
def test_a_name_is_told_twice(name: str, plain: str, whole: str) -> None:
    for is_attachment, kind in ((True, "attachment"), (False, "inline")):
        told = content_disposition.header(name, is_attachment=is_attachment)
        assert told == f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{whole}"
