"""Signatures and key ids by RFC 8032, 8037 and 7638, and the key files in the data folder."""

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


def test_key_ids_are_the_thumbprints_of_the_rfc() -> None:
    signer = Signer.from_private_key(signatures.decode_base64url(PRIVATE))
    assert signatures.encode_base64url(signer.public_key) == PUBLIC
    [key] = signer.to_jwks()["keys"]
    assert (key["x"], key["kid"], key["crv"]) == (PUBLIC, THUMBPRINT, "Ed25519")
    # appendix A.4: the signature of this text by this key
    signed = b"eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc"
    expected = "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"
    assert signatures.encode_base64url(signer.private_key.sign(signed)) == expected


def test_canonical_form_is_unique() -> None:
    # RFC 8785, 3.2.3, as far as texts and names go
    document = {"b": ["€", "\u000f", "\n", "ö", '"', "\\"], "a": {"z": 1, "1": True, "": None}}
    expected = r'{"a":{"":null,"1":true,"z":1},"b":["€","\u000f","\n","ö","\"","\\"]}'
    assert signatures.canonicalize(document).decode() == expected


def test_a_changed_document_is_not_valid() -> None:
    signer, other = Signer.generate(), Signer.generate()
    keys = signatures.parse_jwks(signer.to_jwks())
    document = dict(signer.sign({"a": 1}))
    assert signatures.is_valid(document, keys)
    assert not signatures.is_valid(document, signatures.parse_jwks(other.to_jwks()))
    assert not signatures.is_valid({**document, "b": 1}, keys)
    signature = document["signature"]
    for change in (
        {"value": signature["value"][:-4]},
        {"value": "%"},
        {"algorithm": "none"},
        {"key_id": signatures.thumbprint(other.public_key)},
        {"more": "x"},
    ):
        assert not signatures.is_valid({**document, "signature": {**signature, **change}}, keys)
    assert not signatures.is_valid({"a": 1}, keys)


def test_key_ids_of_a_jwk_set_are_computed_and_not_trusted() -> None:
    signer, forger = Signer.generate(), Signer.generate()
    [theirs] = forger.to_jwks()["keys"]
    keys = signatures.parse_jwks({"keys": [{**theirs, "kid": signatures.thumbprint(signer.public_key)}]})
    assert list(keys) == [signatures.thumbprint(forger.public_key)]


@pytest.mark.parametrize("published", [[], {}, {"keys": 1}, {"keys": [{"kty": "OKP", "crv": "Ed25519", "x": "AA"}]}])
def test_invalid_jwk_sets_are_rejected(published: object) -> None:
    with pytest.raises(ValueError, match=r"."):
        signatures.parse_jwks(published)


def test_a_key_file_is_created_once_and_its_public_key_stays_published_after_rotation(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    first = keyring.load_receipt_signer(settings)
    assert keyring.load_receipt_signer(settings).public_key == first.public_key
    files = list((tmp_path / "secrets").iterdir())
    assert [(path.name, stat.S_IMODE(path.stat().st_mode)) for path in files] == [("receipt.key", 0o600)]
    document = first.sign({"a": 1})
    second, third = keyring.rotate_receipt_key(settings), keyring.rotate_receipt_key(settings)
    assert len({first.public_key, second.public_key, third.public_key}) == 3
    assert third.retired_keys == (second.public_key, first.public_key)
    assert keyring.load_receipt_signer(settings).to_jwks() == third.to_jwks()
    assert signatures.is_valid(document, signatures.parse_jwks(third.to_jwks()))
    assert {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "secrets").iterdir()} == {0o600}


def test_servers_sign_with_the_key_of_their_settings(tmp_path: Path) -> None:
    receipts = ReceiptSettings(key=PRIVATE, retired_keys=(signatures.encode_base64url(Signer.generate().public_key),))
    settings = Settings(data_dir=tmp_path, receipts=receipts)
    published = keyring.load_receipt_signer(settings).to_jwks()["keys"]
    assert [key["x"] for key in published] == [PUBLIC, *receipts.retired_keys]
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(ValueError, match="MUSIC_STUDIO_RECEIPTS__KEY"):
        keyring.rotate_receipt_key(settings)
    with pytest.raises(ValueError, match="43 characters"):
        ReceiptSettings(key="short")
