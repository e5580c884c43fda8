"""The format of API keys."""

import hashlib
import re

import pytest

from core import api_keys


def test_a_new_key_is_well_formed_and_has_the_documented_format() -> None:
    key = api_keys.new()
    assert re.fullmatch(r"ak_[0-9A-Za-z]{38}", key)
    assert api_keys.is_well_formed(key)


def test_keys_differ() -> None:
    assert len({api_keys.new() for _ in range(100)}) == 100


@pytest.mark.parametrize("position", [3, 20, 34, 35, 40])
def test_one_wrong_character_is_detected(position: int) -> None:
    key = api_keys.new()
    wrong = "a" if key[position] != "a" else "b"
    assert not api_keys.is_well_formed(key[:position] + wrong + key[position + 1 :])


@pytest.mark.parametrize("text", ["", "ak_", "ak_short", "sk_" + "a" * 38, "ak_" + "é" * 38, "ak_" + "0" * 39])
def test_other_text_is_not_well_formed(text: str) -> None:
    assert not api_keys.is_well_formed(text)


def test_the_digest_is_the_sha_256_of_the_key() -> None:
    assert api_keys.digest("ak_x") == hashlib.sha256(b"ak_x").digest()


def test_the_hint_contains_four_characters_of_the_key() -> None:
    assert api_keys.hint("ak_0123456789") == "ak_0123"
