"""Violations of graphql-transport-ws by name: the frames and the expected close code."""

from typing import Final, NamedTuple

INIT: Final = '{"type": "connection_init"}'
SUBSCRIBE: Final = '{"type": "subscribe", "id": "1", "payload": {"query": "{ __typename }"}}'


class Conversation(NamedTuple):
    """Frames in order; text is a text frame, bytes a binary one."""

    frames: tuple[str | bytes, ...]
    code: int = 4400


CONVERSATIONS: Final = {
    "no JSON": Conversation(("hello",)),
    "nothing": Conversation(("",)),
    "a number": Conversation(("5",)),
    "a string": Conversation(('"connection_init"',)),
    "null": Conversation(("null",)),
    "a list": Conversation(("[]",)),
    "an empty object": Conversation(("{}",)),
    "a type that is a number": Conversation(('{"type": 1}',)),
    "a type that is a list": Conversation(('{"type": ["ping"]}',)),
    "a type that is an object": Conversation(('{"type": {}}',)),
    "an unknown type": Conversation(('{"type": "hello"}',)),
    "a type of the old protocol": Conversation(('{"type": "start", "id": "1", "payload": {"query": "{ a }"}}',)),
    "binary": Conversation((b"\x00\xff",)),
    "binary JSON": Conversation((INIT.encode(),)),
    "deep lists": Conversation(("[" * 100_000 + "]" * 100_000,)),
    "sixty thousand empty lists": Conversation(('{"type": "ping", "payload": {"a": [' + "[]," * 60_000 + "1]}}",)),
    "a number without end": Conversation(('{"type": "ping", "payload": ' + "9" * 100_000 + "}",)),
    "half a surrogate": Conversation(('{"type": "\\ud800"}',)),
    "an init payload that is a string": Conversation(('{"type": "connection_init", "payload": "x"}',)),
    "a payload of credentials that are numbers": Conversation(('{"type": "connection_init", "payload": 7}',)),
    "two inits": Conversation((INIT, INIT), 4429),
    "a subscription before the init": Conversation((SUBSCRIBE,), 4401),
    "a subscription without an id": Conversation(
        (INIT, '{"type": "subscribe", "payload": {"query": "{ __typename }"}}')
    ),
    "an id that is a number": Conversation(
        (INIT, '{"type": "subscribe", "id": 1, "payload": {"query": "{ __typename }"}}')
    ),
    "an empty id": Conversation((INIT, '{"type": "subscribe", "id": "", "payload": {"query": "{ __typename }"}}')),
    "no payload": Conversation((INIT, '{"type": "subscribe", "id": "1"}')),
    "a payload that is null": Conversation((INIT, '{"type": "subscribe", "id": "1", "payload": null}')),
    "a payload that is a list": Conversation((INIT, '{"type": "subscribe", "id": "1", "payload": []}')),
    "a payload without a query": Conversation((INIT, '{"type": "subscribe", "id": "1", "payload": {}}')),
    "a query that is a number": Conversation((INIT, '{"type": "subscribe", "id": "1", "payload": {"query": 7}}')),
    "variables that are a list": Conversation(
        (INIT, '{"type": "subscribe", "id": "1", "payload": {"query": "{ __typename }", "variables": [1]}}')
    ),
    "an operation name that is a list": Conversation(
        (INIT, '{"type": "subscribe", "id": "1", "payload": {"query": "{ __typename }", "operationName": []}}')
    ),
    "extensions that are a string": Conversation(
        (INIT, '{"type": "subscribe", "id": "1", "payload": {"query": "{ __typename }", "extensions": "x"}}')
    ),
    "a completion without an id": Conversation((INIT, '{"type": "complete"}')),
    "a completion of a number": Conversation((INIT, '{"type": "complete", "id": 5}')),
    "what only servers say": Conversation((INIT, '{"type": "next", "id": "1", "payload": {}}')),
    "a document id that is a number": Conversation(
        (INIT, '{"type": "subscribe", "id": "1", "payload": {"documentId": 7}}')
    ),
    "an init that is a list of pings": Conversation(('{"type": "connection_init", "payload": [{"type": "ping"}]}',)),
    "too much at once": Conversation((INIT, '{"type": "ping", "payload": {"a": "' + "x" * 2_000_000 + '"}}'), 1009),
}
