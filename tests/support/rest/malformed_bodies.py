"""Malformed request bodies by name: bytes, content type and the expected status."""

import gzip
from typing import Final, NamedTuple

JSON: Final = "application/json"


class Body(NamedTuple):
    """One request."""

    content: bytes
    status: int = 400
    content_type: str | None = JSON
    headers: tuple[tuple[str, str], ...] = ()


KEYS: Final = b"".join(b', "k%d": 1' % n for n in range(10_000))


def _query(text: str) -> bytes:
    return b'{"query": ' + text.encode() + b"}"


BODIES: Final = {
    "nothing": Body(b""),
    "no JSON": Body(b"query { viewer { id } }"),
    "a number": Body(b"5"),
    "a string": Body(b'"{ viewer { id } }"'),
    "null": Body(b"null"),
    "true": Body(b"true"),
    "an empty list": Body(b"[]"),
    "a batch": Body(b'[{"query": "{ __typename }"}, {"query": "{ __typename }"}]'),
    "an empty object": Body(b"{}"),
    "a query that is null": Body(_query("null")),
    "a query that is a number": Body(_query("7")),
    "a query that is a list": Body(_query('["{ __typename }"]')),
    "an empty query": Body(_query('""')),
    "a query of comments": Body(_query('"# nothing"')),
    "variables that are a list": Body(b'{"query": "{ __typename }", "variables": [1]}'),
    "variables that are a string": Body(b'{"query": "{ __typename }", "variables": "{}"}'),
    "an operation name that is a number": Body(b'{"query": "{ __typename }", "operationName": 5}'),
    "an unknown operation name": Body(b'{"query": "query A { __typename }", "operationName": "B"}'),
    "extensions that are a list": Body(b'{"query": "{ __typename }", "extensions": []}'),
    "deep lists": Body(b'{"query": "{ __typename }", "variables": {"a": ' + b"[" * 100_000 + b"]" * 100_000 + b"}}"),
    "deep objects": Body(b'{"a":' * 50_000 + b"1" + b"}" * 50_000),
    "a deep selection": Body(_query('"' + "{a" * 20_000 + "}" * 20_000 + '"')),
    "a deep value": Body(_query('"{ nodes(ids: ' + "[" * 20_000 + "]" * 20_000 + ') { id } }"')),
    "broken UTF-8": Body(b'{"query": "{ __typename \xff\xfe }"}'),
    "half a surrogate": Body(_query('"{ __typename(a: \\"\\ud800\\") }"')),
    "a byte order mark": Body(b'\xef\xbb\xbf{"query": "{ __typename }"}', 200),
    "UTF-16": Body('{"query": "{ __typename }"}'.encode("utf-16")),
    "a NUL": Body(b'{"query": "{ __type\x00name }"}'),
    "a number without end": Body(b'{"query": "{ __typename }", "variables": {"a": ' + b"9" * 100_000 + b"}}"),
    "an integer without end": Body(
        _query('"{ organization(id: \\"x\\") { library(first: ' + "9" * 3_000 + ') { edges { cursor } } } }"')
    ),
    "NaN": Body(b'{"query": "{ __typename }", "variables": {"a": NaN}}'),
    "a key twice": Body(b'{"query": "{ viewer { id } }", "query": "{ __typename }"}', status=200),
    "rubbish behind the end": Body(b'{"query": "{ __typename }"} {"query": "{ __typename }"}'),
    "a form": Body(b"query=%7B__typename%7D", 415, "application/x-www-form-urlencoded"),
    "text": Body(b'{"query": "{ __typename }"}', 415, "text/plain"),
    "no content type": Body(b'{"query": "{ __typename }"}', 415, None),
    "a file upload": Body(
        b'--x\r\nContent-Disposition: form-data; name="operations"\r\n\r\n{}\r\n--x--\r\n',
        415,
        "multipart/form-data; boundary=x",
    ),
    "a strange charset": Body(b'{"query": "{ __typename }"}', 415, "application/json; charset=utf-7"),
    "said to be gzip": Body(b"\x1f\x8b\x08\x00\x00\x00\x00\x00", 415, JSON, (("Content-Encoding", "gzip"),)),
    "a bomb of gzip": Body(gzip.compress(b" " * 50_000_000), 415, JSON, (("Content-Encoding", "gzip"),)),
    "gzip that is not said": Body(gzip.compress(b'{"query": "{ __typename }"}')),
    "compressed by br": Body(b"\x0b\x02\x80", 415, JSON, (("Content-Encoding", "br"),)),
    "said to be identical": Body(b'{"query": "{ __typename }"}', 200, JSON, (("Content-Encoding", "identity"),)),
    "variables twice": Body(b'{"query": "{ __typename }", "variables": {}, "variables": {}}', 200),
    "ten thousand keys": Body(
        b'{"query": "{ __typename }", ' + b", ".join(b'"k%d": 1' % n for n in range(10_000)) + b"}", 200
    ),
    "one key ten thousand times": Body(b'{"query": "{ __typename }"' + b', "a": 1' * 10_000 + b"}", 200),
    "a hash that is a number": Body(b'{"extensions": {"persistedQuery": {"version": 1, "sha256Hash": 7}}}'),
    "a document id that is a list": Body(b'{"documentId": []}'),
    "a document id without end": Body(b'{"documentId": "' + b"a" * 100_000 + b'"}'),
    "two hundred thousand empty lists": Body(
        b'{"query": "{ __typename }", "variables": {"a": [' + b"[]," * 200_000 + b"1]}}", 413
    ),
    "too large": Body(b'{"query": "' + b" " * 1_100_000 + b'{ __typename }"}', 413),
}
