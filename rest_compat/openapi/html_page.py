"""The document as a page for readers: one file, no script, nothing from elsewhere."""

import base64
import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from rest_compat.openapi import html_fields, html_operations, markup
from rest_compat.openapi.markup import Markup, element

STYLE: Final = (Path(__file__).parent / "html_page.css").read_text(encoding="utf-8")

POLICY: Final = (
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; style-src 'sha256-"
    + base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
    + "'"
)
"""The Content-Security-Policy under which the page works: its own style, and nothing else."""

Document = Mapping[str, Any]


def render(document: Document, document_path: str) -> str:
    """The whole page; ``document_path`` is where the document itself is served."""
    info = document["info"]
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("title", f"{info['title']} · REST reference"),
        # an empty icon, so that no browser asks for one
        element("link", rel="icon", href="data:,"),
        element("style", Markup(STYLE)),
    )
    body = element(
        "body",
        element("a", "Skip to the reference", href="#content", class_="skip"),
        _header(document, document_path),
        element("div", _navigation(document), _content(document), class_="columns"),
    )
    return "<!doctype html>\n" + element("html", head, body, lang="en")


def _header(document: Document, document_path: str) -> Markup:
    base = document["servers"][0]["url"]
    return element(
        "header",
        element("p", "REST reference", class_="kicker"),
        element("h1", document["info"]["title"]),
        element(
            "p",
            element("code", base),
            element("a", "OpenAPI document", href=document_path),
            element("a", "GraphQL", href="/graphql"),
            class_="links",
        ),
    )


def _navigation(document: Document) -> Markup:
    groups = [_group("Start", [("about", "About"), ("authentication", "Authentication"), ("errors", "Errors")])]
    for tag in document["tags"]:
        found = [(place.name, place.entry["summary"]) for place in html_operations.places(document, tag["name"])]
        groups.append(_group(tag["name"], found))
    objects = [(f"object-{name}", name) for name in document["components"]["schemas"]]
    groups.append(_group("Objects", objects))
    return element("nav", *groups, aria_label="Contents")


def _group(title: str, links: list[tuple[str, str]]) -> Markup:
    items = [element("li", element("a", text, href=f"#{anchor}")) for anchor, text in links]
    return markup.joined(element("p", title, class_="group"), element("ul", *items))


def _content(document: Document) -> Markup:
    nouns = [
        element(
            "section",
            element("h2", tag["name"]),
            markup.prose(tag["description"]),
            *(html_operations.section(place) for place in html_operations.places(document, tag["name"])),
            class_="noun",
        )
        for tag in document["tags"]
    ]
    about = element("section", element("h2", "About"), markup.prose(document["info"]["description"]), id="about")
    return element(
        "main", about, _authentication(document), _errors(document), *nouns, _objects(document), id="content"
    )


def _authentication(document: Document) -> Markup:
    schemes = document["components"]["securitySchemes"].values()
    rows = [
        (
            element("code", f"{scheme['name']}: …" if scheme["type"] == "apiKey" else "Authorization: Bearer …"),
            markup.inline(scheme["description"]),
        )
        for scheme in schemes
    ]
    return element(
        "section",
        element("h2", "Authentication"),
        markup.prose("Show one of these with every request, unless an operation is open to everybody."),
        markup.table("Headers that say who you are", ("Header", "Meaning"), rows),
        id="authentication",
    )


def _errors(document: Document) -> Markup:
    rows = [
        (
            element("span", str(row["status"]), class_="status"),
            element("code", row["code"]),
            element("code", row["type"]),
            markup.inline(row["description"]),
        )
        for row in document["x-errors"]
    ]
    example = document["components"]["responses"]["InvalidValues"]["content"]["application/json"]["examples"]
    return element(
        "section",
        element("h2", "Errors"),
        markup.prose(
            "Every answer that is not 2xx is the same envelope. `message` may be shown to a person, `system_message` "
            "is for developers, and `trace_id` is the `X-Request-Id` of the answer: name it when you ask for help."
        ),
        markup.json_listing(example["VALIDATION_ERROR"]["value"], "Example of an error"),
        markup.table("Error codes", ("Status", "Code", "Type", "When"), rows),
        id="errors",
    )


def _objects(document: Document) -> Markup:
    sections = [
        element(
            "section",
            element("h3", name),
            markup.prose(schema["description"]),
            html_fields.table(f"Fields of {name}", schema),
            id=f"object-{name}",
        )
        for name, schema in document["components"]["schemas"].items()
    ]
    return element("section", element("h2", "Objects"), *sections, class_="noun")
