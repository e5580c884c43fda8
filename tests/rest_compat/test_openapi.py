import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx
import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from core.settings import Settings
from resolvers.generations.commands import MAX_LYRICS_LENGTH, MAX_PROMPT_LENGTH
from rest_compat import routes
from rest_compat.openapi import document, error_codes
from rest_compat.openapi.routes import ASSETS
from tests.support.rest.client import Contract


def examples(rest: Contract) -> Iterator[tuple[object, Mapping[str, Any]]]:
    """Yield every example of the document with its schema."""
    for described in rest.operations.values():
        holders = [rest._resolved(response) for response in described.entry["responses"].values()]
        if "requestBody" in described.entry:
            holders.append(described.entry["requestBody"])
        for holder in holders:
            content = holder["content"].get("application/json", {"schema": {}})
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
    assert len(names) == len(set(names)) == 40
    assert [row.name for row in routes.ALL_OPERATIONS if not (row.summary and row.description)] == []


def test_a_tag_without_an_operation_is_left_out() -> None:
    built = document.build("http://x", [], routes.ALL_OPERATIONS[:1])
    assert [tag["name"] for tag in built["tags"]] == ["Engines"]
    assert list(built["paths"]) == [routes.BASE + routes.ALL_OPERATIONS[0].path]
    names = {"Engine", "EngineHealth", "EngineQueue", "Engines", "Error", "Problem"}
    assert set(built["components"]["schemas"]) == names


def test_every_object_is_closed_and_responses_require_all_fields() -> None:
    built = document.build("http://x", [])
    operations = [entry for path in built["paths"].values() for name, entry in path.items() if name != "parameters"]
    bodies = [
        entry["requestBody"]["content"]["application/json"]["schema"]
        for entry in operations
        if "application/json" in entry.get("requestBody", {}).get("content", {})
    ]
    # also the objects in bodies
    sent = {body["$ref"].rpartition("/")[2] for body in bodies} | {"Source"}
    for name, schema in built["components"]["schemas"].items():
        assert schema["additionalProperties"] is False, name
        if name not in sent:
            # receipts of earlier versions were signed without it
            optional = {"source"} if name == "Receipt" else set()
            assert schema["required"] == [field for field in schema["properties"] if field not in optional], name


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


def test_only_share_links_and_the_verification_of_files_are_public() -> None:
    built = document.build("http://x", [])
    operations = [entry for path in built["paths"].values() for name, entry in path.items() if name != "parameters"]
    public = {entry["operationId"] for entry in operations if "security" in entry}
    assert public == {"resolve-share", "shared-audio", "shared-cover", "verify"}
    assert all(("401" in entry["responses"]) is ("security" not in entry) for entry in operations)


def test_every_error_code_has_one_status() -> None:
    codes = [row.code for row in error_codes.TABLE]
    assert len(codes) == len(set(codes)) == len(error_codes.CODES)


async def test_the_page_shows_the_document_with_swagger_ui(client: httpx.AsyncClient) -> None:
    answer = await client.get("/docs")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert answer.headers["Cache-Control"] == "no-cache"
    assert '<a href="openapi.json">OpenAPI document</a>' in answer.text.partition("<noscript>")[2]
    script = (await client.get("/docs/swagger_ui.js")).text
    for option in ('url: "openapi.json"', "deepLinking: true", "persistAuthorization: false", "validatorUrl: null"):
        assert option in script


async def test_every_asset_of_the_page_is_served_with_long_caching(client: httpx.AsyncClient) -> None:
    named = re.findall(r'(?:src|href)="docs/([^"?]+)\?v=[0-9a-f]{12}"', (await client.get("/docs")).text)
    assert sorted(named) == sorted(ASSETS) == ["swagger-ui-bundle.js", "swagger-ui.css", "swagger_ui.js"]
    types = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8"}
    for name, path in ASSETS.items():
        answer = await client.get(f"/docs/{name}")
        assert answer.status_code == 200
        assert answer.content == path.read_bytes()
        assert answer.headers["Content-Type"] == types[path.suffix]
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"


@pytest.mark.parametrize("name", ["swagger-editor.js", "LICENSE", "index.html", "..%2f__init__.py", "", "a/b"])
async def test_no_other_file_of_the_package_is_served(client: httpx.AsyncClient, name: str) -> None:
    answer = await client.get(f"/docs/{name}")
    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == "RESOURCE_NOT_FOUND"


@pytest.mark.parametrize("prefix", ["/", "/music/", "/a/b/"])
async def test_the_page_refers_to_its_own_server_only_below_any_path(client: httpx.AsyncClient, prefix: str) -> None:
    text = (await client.get("/docs")).text
    script = (await client.get("/docs/swagger_ui.js")).text
    named = [*re.findall(r'\b(?:src|href)="([^"]*)"', text), *re.findall(r'\burl: "([^"]*)"', script)]
    urls = {urljoin(f"https://example.org{prefix}docs", name) for name in named} - {"data:,"}
    paths = {urlsplit(url).path for url in urls}
    assert all(url.startswith("https://example.org/") for url in urls)
    pages = {f"{prefix}{name}" for name in ("openapi.json", "studio", "graphql")}
    assert paths == {*pages, *(f"{prefix}docs/{name}" for name in ASSETS)}
    for path in paths:
        answer = await client.get("/" + path.removeprefix(prefix), headers={"Accept": "text/html"})
        assert answer.status_code == 200


def test_the_page_sends_requests_to_its_own_server() -> None:
    node = shutil.which("node", path=os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")]))
    if node is None:
        pytest.skip("Node is not installed")
    browser = """
        globalThis.location = { href: "https://example.org/music/docs#/Engines/engines" };
        globalThis.SwaggerUIBundle = ({ plugins: [plugin] }) => {
            const { updateJsonSpec } = plugin().statePlugins.spec.wrapActions;
            const spec = { openapi: "3.1.0", jsonSchemaDialect: "x", servers: [{ url: "http://127.0.0.1:8080" }] };
            updateJsonSpec((shown) => console.log(JSON.stringify(shown)))(spec);
        };
    """
    script = browser + ASSETS["swagger_ui.js"].read_text()
    shown = subprocess.run([node, "-e", script], capture_output=True, text=True, check=True).stdout  # noqa: S603
    assert json.loads(shown) == {"openapi": "3.1.0", "servers": [{"url": "https://example.org/music"}]}


async def test_the_page_permits_scripts_of_its_server_only(client: httpx.AsyncClient) -> None:
    answer = await client.get("/docs")
    policy = dict(part.strip().partition(" ")[::2] for part in answer.headers["Content-Security-Policy"].split(";"))
    assert policy == {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self' 'unsafe-inline'",
        "img-src": "'self' data:",
        "connect-src": "'self'",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
    }
    assert re.findall(r"<script(?![^>]* src=)", answer.text) == []
    assert re.findall(r"javascript:|\bon\w+=|<style|style=", answer.text) == []
    css = ASSETS["swagger-ui.css"].read_text()
    assert [url for url in re.findall(r"url\(\"?([^)]{5})", css) if url != "data:"] == []
    assert "@import" not in css


def test_swagger_ui_is_not_imported() -> None:
    assert "swagger_ui" not in sys.modules
