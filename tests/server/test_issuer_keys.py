import asyncio
import json
from collections.abc import Iterator

import pytest

from core.errors import Unavailable
from server.issuer_keys import IssuerKeys, JwksError, parse
from tests.support.polling import wait_for
from tests.support.processes import identity_provider
from tests.support.processes.identity_provider import IdentityProvider, public_jwk


@pytest.fixture
def provider() -> Iterator[IdentityProvider]:
    with identity_provider.running() as running:
        yield running


async def test_concurrent_callers_share_one_fetch(provider: IdentityProvider) -> None:
    keys = IssuerKeys(provider.url)
    found = await asyncio.gather(*(keys.find("key-rsa", "RS256") for _ in range(20)))
    assert [len(each) for each in found] == [1] * 20
    assert provider.requests == 1
    await keys.aclose()


async def test_a_hanging_endpoint_delays_all_callers_once_and_is_refused(provider: IdentityProvider) -> None:
    provider.is_hanging = True
    keys = IssuerKeys(provider.url)
    refusals = await asyncio.gather(*(keys.find("key-rsa", "RS256") for _ in range(8)), return_exceptions=True)
    assert [type(refusal) for refusal in refusals] == [Unavailable] * 8
    assert provider.requests == 1
    await keys.aclose()


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (500, b"{}"),
        (404, b"not found"),
        (200, b"<!doctype html><title>Sign in</title>"),
        (200, b'{"keys": {}}'),
        (200, b'{"keys": []}'),
        (200, b'[{"kty": "RSA"}]'),
        (200, b'{"keys": [{"kty": "RSA", "kid": "key-rsa"}, {"kty": "oct", "k": "c2VjcmV0"}, 7]}'),
    ],
)
async def test_an_unusable_key_set_is_unavailable_and_pauses_fetches(
    provider: IdentityProvider, status: int, body: bytes
) -> None:
    provider.status, provider.body = status, body
    keys = IssuerKeys(provider.url)
    for _ in range(3):
        with pytest.raises(Unavailable) as refusal:
            await keys.find("key-rsa", "RS256")
        assert refusal.value.retry_after >= 1
    assert provider.requests == 1
    await keys.aclose()


async def test_known_keys_stay_in_use_while_a_refresh_fails(provider: IdentityProvider) -> None:
    keys = IssuerKeys(provider.url, max_age_seconds=0)
    assert len(await keys.find("key-rsa", "RS256")) == 1
    provider.status = 500
    assert len(await keys.find("key-rsa", "RS256")) == 1

    async def refreshed() -> bool | None:
        return provider.requests == 2 or None

    await wait_for(refreshed)
    assert len(await keys.find("key-rsa", "RS256")) == 1
    await keys.aclose()


async def test_an_unknown_key_is_fetched_but_not_on_every_request(provider: IdentityProvider) -> None:
    keys = IssuerKeys(provider.url, rotation_seconds=0)
    await keys.find("key-rsa", "RS256")
    provider.publish([public_jwk("RS256"), public_jwk("ES256", kid="next")])
    assert len(await keys.find("next", "ES256")) == 1
    assert provider.requests == 2
    await keys.aclose()

    patient = IssuerKeys(provider.url)
    for name in ("key-rsa", "forged-1", "forged-2", "forged-3"):
        assert len(await patient.find(name, "RS256")) == (name == "key-rsa")
    assert provider.requests == 3
    await patient.aclose()


def test_the_algorithms_of_a_key_follow_its_type() -> None:
    published = [
        public_jwk("RS256"),
        public_jwk("RS256", alg="PS256"),
        public_jwk("ES256"),
        public_jwk("ES384"),
        public_jwk("EdDSA"),
        public_jwk("RS256", use="enc"),
        public_jwk("ES256", alg="RS256"),
    ]
    assert [key.algorithms for key in parse(json.dumps({"keys": published}).encode())] == [
        ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"),
        ("PS256",),
        ("ES256",),
        ("ES384",),
        ("EdDSA",),
    ]


def test_a_set_without_a_signature_key_is_an_error() -> None:
    with pytest.raises(JwksError, match="no usable signature key"):
        parse(b'{"keys": [{"kty": "oct", "k": "c2VjcmV0"}]}')
