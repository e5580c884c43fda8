"""Signatures: what RFC 8032, 8037 and 7638 say they are; and keys in the data folder."""

import stat
from pathlib import Path

import pytest

from core.settings import ReceiptSettings, Settings
from resolvers.signing import keyring, signatures
from resolvers.signing.signatures import Signer

# RFC 8037, appendix A
PRIVATE = "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"
PUBLIC = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
THUMBPRINT = "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"


def test_keys_are_named_as_the_standard_names_them() -> None:
    signer = Signer.of(signatures.decoded(PRIVATE))
    assert signatures.encoded(signer.public) == PUBLIC
    [key] = signer.published()["keys"]
    assert (key["x"], key["kid"], key["crv"]) == (PUBLIC, THUMBPRINT, "Ed25519")
    # appendix A.4: the signature of this text by this key
    signed = b"eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc"
    expected = "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"
    assert signatures.encoded(signer.private.sign(signed)) == expected


def test_a_document_is_written_in_one_way() -> None:
    # RFC 8785, 3.2.3, as far as texts and names go
    document = {"b": ["€", "\u000f", "\n", "ö", '"', "\\"], "a": {"z": 1, "1": True, "": None}}
    expected = r'{"a":{"":null,"1":true,"z":1},"b":["€","\u000f","\n","ö","\"","\\"]}'
    assert signatures.canonical(document).decode() == expected


def test_only_what_was_signed_is_genuine() -> None:
    signer, other = Signer.new(), Signer.new()
    keys = signatures.read_keys(signer.published())
    document = dict(signer.signed({"a": 1}))
    assert signatures.is_genuine(document, keys)
    assert not signatures.is_genuine(document, signatures.read_keys(other.published()))
    assert not signatures.is_genuine({**document, "b": 1}, keys)
    signature = document["signature"]
    for change in (
        {"value": signature["value"][:-4]},
        {"value": "%"},
        {"algorithm": "none"},
        {"key_id": signatures.key_id(other.public)},
        {"more": "x"},
    ):
        assert not signatures.is_genuine({**document, "signature": {**signature, **change}}, keys)
    assert not signatures.is_genuine({"a": 1}, keys)


def test_a_key_cannot_take_the_name_of_another() -> None:
    signer, forger = Signer.new(), Signer.new()
    [theirs] = forger.published()["keys"]
    keys = signatures.read_keys({"keys": [{**theirs, "kid": signatures.key_id(signer.public)}]})
    assert list(keys) == [signatures.key_id(forger.public)]


@pytest.mark.parametrize("published", [[], {}, {"keys": 1}, {"keys": [{"kty": "OKP", "crv": "Ed25519", "x": "AA"}]}])
def test_what_is_no_set_of_keys_is_refused(published: object) -> None:
    with pytest.raises(ValueError, match=r"."):
        signatures.read_keys(published)


def test_a_key_is_made_once_for_its_owner_and_stays_published_after_a_change(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    first = keyring.receipt_signer(settings)
    assert keyring.receipt_signer(settings).public == first.public
    files = list((tmp_path / "secrets").iterdir())
    assert [(path.name, stat.S_IMODE(path.stat().st_mode)) for path in files] == [("receipt.key", 0o600)]
    document = first.signed({"a": 1})
    second, third = keyring.rotate(settings), keyring.rotate(settings)
    assert len({first.public, second.public, third.public}) == 3
    assert third.retired == (second.public, first.public)
    assert keyring.receipt_signer(settings).published() == third.published()
    assert signatures.is_genuine(document, signatures.read_keys(third.published()))
    assert {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "secrets").iterdir()} == {0o600}


def test_several_servers_sign_with_the_key_of_their_settings(tmp_path: Path) -> None:
    receipts = ReceiptSettings(key=PRIVATE, retired_keys=(signatures.encoded(Signer.new().public),))
    settings = Settings(data_dir=tmp_path, receipts=receipts)
    published = keyring.receipt_signer(settings).published()["keys"]
    assert [key["x"] for key in published] == [PUBLIC, *receipts.retired_keys]
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(ValueError, match="MUSIC_STUDIO_RECEIPTS__KEY"):
        keyring.rotate(settings)
    with pytest.raises(ValueError, match="43 characters"):
        ReceiptSettings(key="short")
