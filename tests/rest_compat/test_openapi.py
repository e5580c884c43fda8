import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import httpx
from openapi_spec_validator import OpenAPIV31SpecValidator

from core.settings import Settings
from resolvers.generations.commands import MAX_LYRICS_LENGTH, MAX_PROMPT_LENGTH
from rest_compat import routes
from rest_compat.openapi import document, error_codes, html_page
from tests.support.rest_client import Contract


def examples(rest: Contract) -> Iterator[tuple[object, Mapping[str, Any]]]:
    """Yield every example of the document with its schema."""
    for described in rest.operations.values():
        holders = [rest._resolved(response) for response in described.entry["responses"].values()]
        if "requestBody" in described.entry:
            holders.append(described.entry["requestBody"])
        for holder in holders:
            content = holder["content"]["application/json"]
            values = [example["value"] for example in content.get("examples", {}).values()]
            for value in [*values, *([content["example"]] if "example" in content else [])]:
                yield value, content["schema"]


async def test_the_served_document_is_valid_openapi(client: httpx.AsyncClient) -> None:
    answer = await client.get("/openapi.json")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/json"
    OpenAPIV31SpecValidator(answer.json()).validate()


async def test_the_document_contains_the_public_url(rest: Contract, settings: Settings) -> None:
    assert rest.document["servers"] == [{"url": settings.public_url}]


async def test_the_document_contains_exactly_the_operations(rest: Contract) -> None:
    documented = {(name, described.method, described.path) for name, described in rest.operations.items()}
    assert documented == {(row.name, row.method, routes.BASE + row.path) for row in routes.ALL_OPERATIONS}


async def test_every_example_conforms_to_its_schema(rest: Contract) -> None:
    checked = 0
    for value, schema in examples(rest):
        rest.validate(value, schema)
        checked += 1
    assert checked > 50


async def test_the_document_contains_the_limits_of_the_commands(rest: Contract) -> None:
    fields = rest.document["components"]["schemas"]["CreateGeneration"]["properties"]
    assert fields["prompt"]["maxLength"] == MAX_PROMPT_LENGTH == 2000
    assert fields["lyrics"]["maxLength"] == MAX_LYRICS_LENGTH == 5000
    assert fields["style_tags"]["maxItems"] == 20
    assert fields["style_tags"]["items"]["maxLength"] == 64
    assert fields["engine"]["enum"] == ["studio"]
    query = {one["name"]: one["schema"] for one in rest.operations["list-generations"].entry["parameters"]}
    assert (query["limit"]["minimum"], query["limit"]["maximum"], query["limit"]["default"]) == (1, 100, 50)
    assert (query["offset"]["minimum"], query["offset"]["default"]) == (0, 0)


def test_every_operation_has_a_unique_name_a_summary_and_a_description() -> None:
    names = [operation.name for operation in routes.ALL_OPERATIONS]
    assert len(names) == len(set(names)) == 32
    assert [row.name for row in routes.ALL_OPERATIONS if not (row.summary and row.description)] == []


def test_a_tag_without_an_operation_is_left_out() -> None:
    built = document.build("http://x", [], routes.OPERATIONS[:1])
    assert [tag["name"] for tag in built["tags"]] == ["Engines"]
    assert list(built["paths"]) == [routes.BASE + routes.OPERATIONS[0].path]
    assert set(built["components"]["schemas"]) == {"Engine", "Engines", "Error", "Problem"}
    assert 'id="engines"' in html_page.render(built, "/openapi.json")


def test_every_object_is_closed_and_responses_require_all_fields() -> None:
    built = document.build("http://x", [])
    operations = [entry for path in built["paths"].values() for name, entry in path.items() if name != "parameters"]
    bodies = [
        entry["requestBody"]["content"]["application/json"]["schema"] for entry in operations if "requestBody" in entry
    ]
    sent = {body["$ref"].rpartition("/")[2] for body in bodies}
    for name, schema in built["components"]["schemas"].items():
        assert schema["additionalProperties"] is False, name
        if name not in sent:
            assert schema["required"] == list(schema["properties"]), name


def test_every_field_has_a_description() -> None:
    def without_description(schema: Mapping[str, Any], path: str) -> Iterator[str]:
        for name, field in schema.get("properties", {}).items():
            if not field.get("description"):
                yield f"{path}.{name}"
            yield from without_description(field, f"{path}.{name}")

    schemas = document.build("http://x", [])["components"]["schemas"]
    assert [where for name, schema in schemas.items() for where in without_description(schema, name)] == []


def test_every_reference_resolves() -> None:
    built = document.build("http://x", [])
    for reference in re.findall(r'"#/([^"]+)"', json.dumps(built)):
        target: Any = built
        for name in reference.split("/"):
            target = target[name]


def test_only_resolving_a_share_link_and_verifying_a_file_are_public() -> None:
    built = document.build("http://x", [])
    operations = [entry for path in built["paths"].values() for name, entry in path.items() if name != "parameters"]
    assert {entry["operationId"] for entry in operations if "security" in entry} == {"resolve-share", "verify"}
    assert all(("401" in entry["responses"]) is ("security" not in entry) for entry in operations)


def test_every_error_code_has_one_status() -> None:
    codes = [row.code for row in error_codes.TABLE]
    assert len(codes) == len(set(codes)) == len(error_codes.CODES)


async def test_the_page_contains_every_operation_object_and_error(client: httpx.AsyncClient, rest: Contract) -> None:
    answer = await client.get("/docs")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    for name, described in rest.operations.items():
        assert f'id="{name}"' in answer.text
        assert described.entry["summary"] in answer.text
    for name in rest.document["components"]["schemas"]:
        assert f'id="object-{name}"' in answer.text
    for row in error_codes.TABLE:
        assert f"<code>{row.code}</code>" in answer.text


async def test_the_page_has_no_scripts_or_external_resources(client: httpx.AsyncClient) -> None:
    answer = await client.get("/docs")
    assert "<script" not in answer.text
    assert "javascript:" not in answer.text
    assert re.findall(r'\b(?:src|srcset|action|data)="', answer.text) == []
    assert re.findall(r"@import|url\(", answer.text) == []
    targets = set(re.findall(r'href="([^"]*)"', answer.text))
    assert {target for target in targets if not target.startswith("#")} == {"/openapi.json", "/graphql", "data:,"}
    assert answer.headers["Content-Security-Policy"] == html_page.POLICY
    assert "default-src 'none'" in html_page.POLICY


async def test_every_internal_link_of_the_page_resolves(client: httpx.AsyncClient) -> None:
    text = (await client.get("/docs")).text
    anchors = re.findall(r'id="([^"]*)"', text)
    assert len(anchors) == len(set(anchors))
    assert set(re.findall(r'href="#([^"]*)"', text)) <= set(anchors)


async def test_the_home_page_redirects_to_the_reference(client: httpx.AsyncClient) -> None:
    answer = await client.get("/")
    assert answer.status_code == 307
    assert answer.headers["Location"] == "/docs"


def test_the_page_escapes_values_of_the_document() -> None:
    built = document.build('http://x/"><script>alert(1)</script>', [])
    rendered = html_page.render(built, "/openapi.json")
    assert "<script>" not in rendered
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in rendered
