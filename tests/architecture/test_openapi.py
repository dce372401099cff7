"""The OpenAPI description: valid, complete, and money is never a number in it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest

from app.domain.kernel.permissions import PERMISSIONS
from tests.architecture.test_snapshots import pages

_DRAFT = "https://json-schema.org/draft/2020-12/schema"
METHODS = ("get", "post", "put", "patch", "delete")


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(pages()["openapi/openapi.json"])
    return found


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in document["paths"].items():
        for method in METHODS:
            if method in item:
                yield path, method, item[method]


def walk(node: Any, where: str = "") -> Iterator[tuple[str, Any]]:
    """Every object in the document with its place."""
    if isinstance(node, dict):
        yield where, node
        for key, value in node.items():
            yield from walk(value, f"{where}/{key}")
    elif isinstance(node, list):
        for n, value in enumerate(node):
            yield from walk(value, f"{where}/{n}")


def schemas(document: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = document["components"]["schemas"]
    return found


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    for where, node in walk(document):
        if isinstance(reference := node.get("$ref"), str):
            target: Any = document
            for part in reference.removeprefix("#/").split("/"):
                assert part in target, f"{where}: {reference}"
                target = target[part]


def test_every_schema_is_one(document: dict[str, Any]) -> None:
    for name, schema in schemas(document).items():
        assert jsonschema_rs.meta.is_valid({**schema, "$schema": _DRAFT}), name


def test_every_operation_is_whole(document: dict[str, Any]) -> None:
    seen, tags = set(), {tag["name"] for tag in document["tags"]} | {"platform", "imports"}
    for path, method, operation in operations(document):
        said = f"{method} {path}"
        assert operation["operationId"] not in seen, said
        seen.add(operation["operationId"])
        assert operation.get("summary"), said
        assert operation.get("description"), said
        assert set(operation["tags"]) <= tags, said
        declared = {p["name"] for p in operation.get("parameters", ()) if p["in"] == "path"}
        assert declared == set(re.findall(r"{(\w+)}", path)), said
        assert any(status.startswith("2") for status in operation["responses"]), said
        assert operation.get("x-permission") in {*PERMISSIONS, "", None}, said


def test_every_refusal_is_a_problem(document: dict[str, Any]) -> None:
    for path, method, operation in operations(document):
        for status, response in operation["responses"].items():
            # Whoever asks whether it is ready is told what is missing.
            if status[0] in "45" and path != "/readyz":
                assert response == {"$ref": f"#/components/responses/Problem{status}"}, f"{method} {path} {status}"


def test_every_parameter_field_and_schema_is_described(document: dict[str, Any]) -> None:
    silent: list[str] = []
    for path, method, operation in operations(document):
        parameters = operation.get("parameters", ())
        silent += [f"{method} {path} {p['name']}" for p in parameters if not p.get("description")]
    for name, schema in schemas(document).items():
        if not schema.get("description"):
            silent.append(name)
        for field, inner in schema.get("properties", {}).items():
            if not inner.get("description"):
                silent.append(f"{name}.{field}")
    assert silent == []


_MONEY = re.compile(r"amount|price|potential|revenue|quota|total|share|rate|threshold|margin|tam|earn|paid|balance")

_COUNTS = {("PageInfo", "total"), ("Job", "total")}
"""Numbers of things."""


def test_no_figure_of_money_or_share_is_a_json_number(document: dict[str, Any]) -> None:
    numbers = [where for where, node in walk(document) if node.get("type") == "number"]
    assert numbers == []
    for name, schema in schemas(document).items():
        for field, inner in schema.get("properties", {}).items():
            kinds = [part.get("type") for part in (inner, *inner.get("anyOf", ()))]
            if _MONEY.fullmatch(field) and (name, field) not in _COUNTS:
                assert "integer" not in kinds, f"{name}.{field}"


def test_what_comes_in_is_bounded(document: dict[str, Any]) -> None:
    """Every text, list and number of a request has a limit."""
    asked, waiting = set(), []
    for _, _, operation in operations(document):
        waiting += [node["$ref"] for _, node in walk(operation.get("requestBody", {})) if "$ref" in node]
    while waiting:
        name = waiting.pop().rpartition("/")[2]
        if name not in asked:
            asked.add(name)
            waiting += [node["$ref"] for _, node in walk(schemas(document)[name]) if "$ref" in node]
    open_ended = []
    for name in sorted(asked):
        for where, node in walk(schemas(document)[name], name):
            if "/examples" in where or "/default" in where:
                continue
            match node.get("type"):
                case "string" if not node.keys() & {"maxLength", "format", "enum", "const", "pattern"}:
                    open_ended.append(where)
                case "array" if "maxItems" not in node:
                    open_ended.append(where)
                case "integer" if not node.keys() & {"maximum", "exclusiveMaximum"}:
                    open_ended.append(where)
    assert open_ended == []


def test_examples_are_of_the_declared_kind(document: dict[str, Any]) -> None:
    definitions = {"$schema": _DRAFT, "components": document["components"]}
    for where, node in walk(schemas(document)):
        if "type" in node and isinstance(node.get("examples"), list):
            validator = jsonschema_rs.validator_for({**definitions, **node})
            for example in node["examples"]:
                assert validator.is_valid(example), f"{where}: {example}"
