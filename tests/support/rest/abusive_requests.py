"""Random REST requests that ask for much work: bodies, queries, paths and headers."""

from dataclasses import dataclass
from itertools import count
from typing import Any, Final

import orjson
from hypothesis import strategies as st

_NUMBERS: Final = count()
MAX_BODY: Final = 1_048_576
_MAX_HEAD: Final = 65_000

_PARTS: Final = ("1", "[]", "{}", '{"a":1}', "[1]", '"x"', "null", "1e300", '"\u33c7"')
_SIGNS: Final = ("x", "\u33c7", "\u0301", "\u200b", "a ", "voice of ", "1", ",", "\U0001f600")
_OPERATIONS: Final = (
    ("POST", "/v1/music/{org}/generations"),
    ("POST", "/v1/music/{org}/collections"),
    ("PATCH", "/v1/music/{org}/collections/{collection}"),
    ("PATCH", "/v1/music/{org}/collections/{collection}/order"),
    ("POST", "/v1/music/{org}/focus/sessions"),
    ("POST", "/v1/music/{org}/collections/{collection}/share"),
    ("POST", "/graphql"),
    ("GET", "/v1/music/{org}/tracks"),
    ("GET", "/v1/music/{org}/collections/{collection}/tracks"),
    ("GET", "/v1/music/shared/{token}"),
    ("GET", "/graphql"),
    ("GET", "/openapi.json"),
    ("GET", "/v1/music/{org}/generations/{long}"),
    ("GET", "/v1/music/shared/{long}"),
    ("GET", "/media/{long}"),
    ("GET", "/{long}"),
)
_FIELDS: Final = ("prompt", "style_tags", "title", "name", "ordered_track_ids", "custom_prompt", "goal", "variables")


@dataclass(frozen=True, slots=True)
class RestAbuse:
    """How often each part of a request occurs; the limits are below the largest values."""

    operation: tuple[str, str]
    field: str
    sign: str
    characters: int
    part: str
    items: int
    nesting: int
    keys: int
    parameters: int
    path_characters: int
    headers: int
    is_anonymous: bool

    def render(self, organization_id: str, token: str, collection_id: str) -> dict[str, Any]:
        """Return the arguments of ``httpx.Client.request``. No two are equal, so that nothing is cached."""
        method, path = self.operation
        long = f"{next(_NUMBERS)}" + "a/b%20" * (self.path_characters // 6)
        path = path.format(org=organization_id, token=token, collection=collection_id, long=long)
        query = "&".join(
            f"q{number}={self.sign[0] if self.sign.isascii() else 'y'}" for number in range(self.parameters)
        )
        headers = [(f"X-{number}", "y") for number in range(self.headers)]
        request = {"method": method, "url": f"{path}?{query}"[:_MAX_HEAD], "headers": headers}
        if method == "GET":
            return request
        return {**request, "content": self._body(), "headers": [*headers, ("Content-Type", "application/json")]}

    def _body(self) -> bytes:
        text = orjson.dumps(self.sign * (self.characters // len(self.sign))).decode()
        items = f"[{','.join([self.part] * self.items)}]" if self.items else text
        value = "[" * self.nesting + items + "]" * self.nesting
        keys = "".join(f',"k{number}":{self.part}' for number in range(self.keys))
        return f'{{"engine":"studio","duration_seconds":1,"{self.field}":{value}{keys}}}'.encode()[:MAX_BODY]


def _amount(limit: int) -> st.SearchStrategy[int]:
    return st.one_of(st.just(0), st.just(0), st.integers(0, 3), st.integers(0, limit), st.integers(limit // 2, limit))


REST_ABUSE: Final = st.builds(
    RestAbuse,
    operation=st.sampled_from(_OPERATIONS),
    field=st.sampled_from(_FIELDS),
    sign=st.sampled_from(_SIGNS),
    characters=st.one_of(st.integers(0, 3_000), st.integers(0, 3_000), st.integers(0, MAX_BODY)),
    part=st.sampled_from(_PARTS),
    items=_amount(60_000),
    nesting=_amount(1_000),
    keys=_amount(60_000),
    parameters=_amount(1_100),
    path_characters=_amount(60_000),
    headers=_amount(140),
    is_anonymous=st.booleans(),
)
