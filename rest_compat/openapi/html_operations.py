"""One operation as a section of the page."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from rest_compat.openapi import html_fields, markup
from rest_compat.openapi.markup import Markup, element

Entry = Mapping[str, Any]

_OPEN: Final = "**Open to everybody**: no credential is needed, and none is looked at."


@dataclass(frozen=True, slots=True)
class Place:
    """An operation, and where it stands in its document."""

    document: Entry
    path: str
    method: str
    entry: Entry

    @property
    def name(self) -> str:
        """The operation's name."""
        return str(self.entry["operationId"])

    @property
    def parameters(self) -> Sequence[Entry]:
        """Of the path, the query and the headers."""
        return [*self.document["paths"][self.path]["parameters"], *self.entry["parameters"]]

    @property
    def is_public(self) -> bool:
        """Whether anybody may call it."""
        return self.entry.get("security") == []

    @property
    def body(self) -> Entry | None:
        """The JSON that it takes."""
        body: Entry | None = self.entry.get("requestBody")
        return body["content"]["application/json"] if body else None

    def resolved(self, value: Entry) -> Entry:
        """The value, or what it refers to."""
        while "$ref" in value:
            _, _, kind, name = value["$ref"].split("/")
            value = self.document["components"][kind][name]
        return value

    def responses(self) -> Iterator[tuple[int, Entry]]:
        """By status."""
        for status, response in self.entry["responses"].items():
            yield int(status), self.resolved(response)


def places(document: Entry, tag: str) -> Iterator[Place]:
    """The operations of a tag, in the document's order."""
    for path, methods in document["paths"].items():
        for method, entry in methods.items():
            if method != "parameters" and tag in entry["tags"]:
                yield Place(document, path, method.upper(), entry)


def section(place: Place) -> Markup:
    """Everything about one operation."""
    entry = place.entry
    told = [
        element("h3", str(entry["summary"])),
        element("p", method(place.method), " ", element("code", _breakable(place.path)), class_="route"),
        markup.prose(str(entry["description"])),
        markup.prose(_OPEN) if place.is_public else Markup(),
        element("h4", "Try it"),
        markup.listing(curl(place), f"curl example of {place.name}"),
        _parameters(place),
        _request(place),
        *(_success(place, status, response) for status, response in place.responses() if status < 400),  # noqa: PLR2004
        _refusals(place),
    ]
    return element("section", *told, id=place.name, class_="operation")


def method(name: str) -> Markup:
    """A badge."""
    return element("span", name, class_=f"method {name.lower()}")


def curl(place: Place) -> str:
    """A command that calls it."""
    path = place.path
    for parameter in place.parameters:
        if parameter["in"] == "path":
            path = path.replace(f"{{{parameter['name']}}}", parameter["example"])
    lines = [f"curl {place.document['servers'][0]['url']}{path}"]
    if place.method != "GET":
        lines[0] = lines[0].replace("curl ", f"curl -X {place.method} ", 1)
    if not place.is_public:
        lines.append('  -H "X-API-Key: $MUSIC_STUDIO_KEY"')
    if place.body is not None:
        body = json.dumps(place.body["example"], ensure_ascii=False).replace("'", r"'\''")
        lines += ['  -H "Content-Type: application/json"', f"  -d '{body}'"]
    return " \\\n".join(lines)


def _breakable(path: str) -> Markup:
    """A path that may break behind its slashes."""
    parts = [markup.joined(part) for part in path.split("/")]
    return Markup("/<wbr>".join(parts))


def _parameters(place: Place) -> Markup:
    rows = [
        (
            html_fields.joined_name(parameter["name"], parameter["required"]),
            str(parameter["in"]),
            html_fields.kind(parameter["schema"]),
            markup.inline(html_fields.meaning({**parameter["schema"], "description": parameter["description"]})),
        )
        for parameter in place.parameters
    ]
    if not rows:
        return Markup()
    caption = f"Parameters of {place.name}"
    return markup.joined(element("h4", "Parameters"), markup.table(caption, ("Name", "Where", "Kind", "Meaning"), rows))


def _request(place: Place) -> Markup:
    if place.body is None:
        return Markup()
    return markup.joined(
        element("h4", "Body"),
        html_fields.table(f"Body of {place.name}", place.resolved(place.body["schema"])),
        markup.json_listing(place.body["example"], f"Example body of {place.name}"),
    )


def _success(place: Place, status: int, response: Entry) -> Markup:
    content = response["content"]["application/json"]
    name = html_fields.component(content["schema"]["$ref"])
    return markup.joined(
        element("h4", "Answer ", element("span", str(status), class_="status ok")),
        element(
            "p",
            markup.inline(response["description"]),
            " Object: ",
            element("a", name, href=f"#object-{name}"),
            ".",
        ),
        markup.json_listing(content["example"], f"Example of a {status} answer of {place.name}"),
    )


def _refusals(place: Place) -> Markup:
    rows = [
        (element("span", str(status), class_="status"), element("code", code), _reason(response, code))
        for status, response in place.responses()
        if status >= 400  # noqa: PLR2004  everything from there on is a refusal
        for code in response["content"]["application/json"]["examples"]
    ]
    caption = f"Refusals of {place.name}"
    return element(
        "details",
        element("summary", f"Refusals ({len(rows)})"),
        markup.table(caption, ("Status", "Code", "When"), rows),
        *(_refusal_examples(place)),
    )


def _refusal_examples(place: Place) -> Iterator[Markup]:
    for status, response in place.responses():
        if response not in place.document["components"]["responses"].values() and status >= 400:  # noqa: PLR2004
            for code, example in response["content"]["application/json"]["examples"].items():
                yield markup.json_listing(example["value"], f"Example of {code}")


def _reason(response: Entry, code: str) -> Markup:
    """The part of a response's description that is about this code."""
    text = str(response["description"]).partition(f"`{code}`: ")[2]
    following = [other for other in response["content"]["application/json"]["examples"] if f" `{other}`: " in text]
    return markup.inline(text.partition(f" `{following[0]}`: ")[0] if following else text)
