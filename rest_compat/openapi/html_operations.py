"""HTML sections of operations."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from rest_compat.openapi import html_fields
from rest_compat.openapi.markup import Markup, code, element, inline, join, json_listing, listing, paragraphs, table

Entry = Mapping[str, Any]

_PUBLIC: Final = "**Public**: credentials are neither required nor checked."
_FIRST_ERROR: Final = 400


@dataclass(frozen=True, slots=True)
class DocumentedOperation:
    """An operation of a document. ``entry`` is its OpenAPI operation object."""

    document: Entry
    path: str
    method: str
    entry: Entry

    @property
    def name(self) -> str:
        return str(self.entry["operationId"])

    @property
    def parameters(self) -> Sequence[Entry]:
        return [*self.document["paths"][self.path]["parameters"], *self.entry["parameters"]]

    @property
    def is_public(self) -> bool:
        return self.entry.get("security") == []

    @property
    def body(self) -> Entry | None:
        return self.entry["requestBody"]["content"]["application/json"] if "requestBody" in self.entry else None

    def resolve(self, value: Entry) -> Entry:
        """Follow the references of a value to a component."""
        while "$ref" in value:
            _, _, kind, name = value["$ref"].split("/")
            value = self.document["components"][kind][name]
        return value

    def responses(self, *, are_errors: bool) -> Iterator[tuple[str, Entry, Entry]]:
        """Yield the status, the response and its JSON content."""
        for status, response in self.entry["responses"].items():
            if (int(status) >= _FIRST_ERROR) is are_errors:
                resolved = self.resolve(response)
                yield status, resolved, resolved["content"]["application/json"]


def operations(document: Entry, tag: str) -> Iterator[DocumentedOperation]:
    for path, methods in document["paths"].items():
        for method, entry in methods.items():
            if method != "parameters" and tag in entry["tags"]:
                yield DocumentedOperation(document, path, method.upper(), entry)


def section(operation: DocumentedOperation) -> Markup:
    method, entry = operation.method, operation.entry
    # long paths may break after their slashes
    path = Markup("/<wbr>".join(join(part) for part in operation.path.split("/")))
    return element(
        "section",
        element("h3", entry["summary"]),
        element("p", element("span", method, class_=f"method {method.lower()}"), " ", code(path), class_="route"),
        paragraphs(entry["description"]),
        paragraphs(_PUBLIC) if operation.is_public else "",
        element("h4", "Example"),
        listing(_curl(operation), f"curl example of {operation.name}"),
        _parameters(operation),
        _body(operation),
        *_successes(operation),
        _errors(operation),
        id=operation.name,
        class_="operation",
    )


def _curl(operation: DocumentedOperation) -> str:
    path = operation.path
    for parameter in operation.parameters:
        if parameter["in"] == "path":
            path = path.replace(f"{{{parameter['name']}}}", parameter["example"])
    option = "" if operation.method == "GET" else f"-X {operation.method} "
    lines = [f"curl {option}{operation.document['servers'][0]['url']}{path}"]
    if not operation.is_public:
        lines.append('  -H "X-API-Key: $MUSIC_STUDIO_KEY"')
    if operation.body is not None:
        body = json.dumps(operation.body["example"], ensure_ascii=False).replace("'", r"'\''")
        lines += ['  -H "Content-Type: application/json"', f"  -d '{body}'"]
    return " \\\n".join(lines)


def _parameters(operation: DocumentedOperation) -> Markup:
    rows = [
        (
            html_fields.name_cell(parameter["name"], is_required=parameter["required"]),
            parameter["in"],
            html_fields.type_cell(parameter["schema"]),
            html_fields.description_cell({**parameter["schema"], "description": parameter["description"]}),
        )
        for parameter in operation.parameters
    ]
    if not rows:
        return Markup()
    columns = ("Name", "In", "Type", "Description")
    return join(element("h4", "Parameters"), table(f"Parameters of {operation.name}", columns, rows))


def _body(operation: DocumentedOperation) -> Markup:
    if operation.body is None:
        return Markup()
    return join(
        element("h4", "Body"),
        html_fields.fields_table(f"Body of {operation.name}", operation.resolve(operation.body["schema"])),
        json_listing(operation.body["example"], f"Example body of {operation.name}"),
    )


def _successes(operation: DocumentedOperation) -> Iterator[Markup]:
    for status, response, content in operation.responses(are_errors=False):
        yield element("h4", "Response ", element("span", status, class_="status ok"))
        target = html_fields.object_link(content["schema"])
        yield element("p", inline(response["description"]), " Object: ", target, ".")
        yield json_listing(content["example"], f"Example of a {status} response of {operation.name}")


def _errors(operation: DocumentedOperation) -> Markup:
    rows, listings = [], []
    shared = operation.document["components"]["responses"].values()
    for status, response, content in operation.responses(are_errors=True):
        for error_code, example in content["examples"].items():
            rows.append((element("span", status, class_="status"), code(error_code), inline(example["summary"])))
            if response not in shared:
                listings.append(json_listing(example["value"], f"Example of {error_code}"))
    return element(
        "details",
        element("summary", f"Errors ({len(rows)})"),
        table(f"Errors of {operation.name}", ("Status", "Code", "When"), rows),
        *listings,
    )
