"""The OpenAPI document as an HTML page without scripts and external resources."""

import base64
import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from rest_compat.openapi import html_fields, html_operations
from rest_compat.openapi.markup import Markup, code, element, inline, join, json_listing, link, paragraphs, table

_STYLE: Final = (Path(__file__).parent / "html_page.css").read_text(encoding="utf-8")

POLICY: Final = (
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; style-src 'sha256-"
    + base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
    + "'"
)
"""The Content-Security-Policy of the page, which permits only its own style sheet."""

_ERRORS: Final = (
    "All responses with a status of 400 or above have the same body. `message` is for display, `system_message` is for "
    "developers. `trace_id` equals the header `X-Request-Id`; include it in support requests."
)


def render(document: Mapping[str, Any], document_path: str) -> str:
    """Render the page; ``document_path`` is the path of the document itself."""
    title = document["info"]["title"]
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("title", f"{title} · REST reference"),
        # an empty icon keeps browsers from requesting /favicon.ico
        element("link", rel="icon", href="data:,"),
        element("style", Markup(_STYLE)),
    )
    links = (
        code(document["servers"][0]["url"]),
        link("OpenAPI document", document_path),
        link("GraphQL", "/graphql"),
    )
    body = element(
        "body",
        link("Skip to the reference", "#content", class_="skip"),
        element(
            "header",
            element("p", "REST reference", class_="kicker"),
            element("h1", title),
            element("p", *links, class_="links"),
        ),
        element("div", _navigation(document), _content(document), class_="columns"),
    )
    return "<!doctype html>\n" + element("html", head, body, lang="en")


def _navigation(document: Mapping[str, Any]) -> Markup:
    groups = [_group("Start", [("about", "About"), ("authentication", "Authentication"), ("errors", "Errors")])]
    for tag in document["tags"]:
        operations = html_operations.operations(document, tag["name"])
        groups.append(_group(tag["name"], ((each.name, each.entry["summary"]) for each in operations)))
    objects = ((f"object-{name}", name) for name in document["components"]["schemas"])
    return element("nav", *groups, _group("Objects", objects), aria_label="Contents")


def _group(title: str, links: Iterable[tuple[str, str]]) -> Markup:
    items = (element("li", link(text, f"#{anchor}")) for anchor, text in links)
    return join(element("p", title, class_="group"), element("ul", *items))


def _content(document: Mapping[str, Any]) -> Markup:
    about = element("section", element("h2", "About"), paragraphs(document["info"]["description"]), id="about")
    tags = (
        element(
            "section",
            element("h2", tag["name"]),
            paragraphs(tag["description"]),
            *map(html_operations.section, html_operations.operations(document, tag["name"])),
            class_="noun",
        )
        for tag in document["tags"]
    )
    sections = (about, _authentication(document), _errors(document), *tags, _objects(document))
    return element("main", *sections, id="content")


def _authentication(document: Mapping[str, Any]) -> Markup:
    rows = (
        (
            code(f"{scheme['name']}: …" if scheme["type"] == "apiKey" else "Authorization: Bearer …"),
            inline(scheme["description"]),
        )
        for scheme in document["components"]["securitySchemes"].values()
    )
    return element(
        "section",
        element("h2", "Authentication"),
        paragraphs("Send one of these headers with every request, except to public operations."),
        table("Authentication headers", ("Header", "Description"), rows),
        id="authentication",
    )


def _errors(document: Mapping[str, Any]) -> Markup:
    rows = (
        (
            element("span", str(row["status"]), class_="status"),
            code(row["code"]),
            code(row["type"]),
            inline(row["description"]),
        )
        for row in document["x-errors"]
    )
    examples = document["components"]["responses"]["InvalidValues"]["content"]["application/json"]["examples"]
    return element(
        "section",
        element("h2", "Errors"),
        paragraphs(_ERRORS),
        json_listing(examples["VALIDATION_ERROR"]["value"], "Example of an error"),
        table("Error codes", ("Status", "Code", "Type", "When"), rows),
        id="errors",
    )


def _objects(document: Mapping[str, Any]) -> Markup:
    sections = (
        element(
            "section",
            element("h3", name),
            paragraphs(schema["description"]),
            html_fields.fields_table(f"Fields of {name}", schema),
            id=f"object-{name}",
        )
        for name, schema in document["components"]["schemas"].items()
    )
    return element("section", element("h2", "Objects"), *sections, class_="noun")
