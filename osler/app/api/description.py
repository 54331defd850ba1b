"""The OpenAPI description: problems as problem+json, the Idempotency-Key of every POST, tokens, and stable operation names."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute

from osler.app.api.common import Problem
from osler.app.api.keys import Keys
from osler.app.problems import TITLES

ANYWHERE = (401, 403, 413, 421, 422, 429, 503)
_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "The same key with the same body gives the reply of the first time; kept for an hour. Not for streams.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
}
TAGS = [
    {"name": "Reason", "description": "A case in, findings, a differential, questions or an answer out."},
    {"name": "Calculate", "description": "Clinical calculators with units and citations."},
    {"name": "Know", "description": "Terms, diseases, corpora and the graph."},
    {"name": "Measure", "description": "Runs of evaluations."},
    {"name": "Work", "description": "Work that takes long."},
    {"name": "FHIR", "description": "FHIR R4 in and out, and CDS Hooks. For research; not a medical device."},
]


def prepare(app: FastAPI, kept_s: float) -> None:
    """Give the application its store of replies, which it keeps for so many seconds, and its description."""
    app.state.keys = Keys(kept_s)
    made: dict[str, Any] = {}

    def described() -> dict[str, Any]:
        if not made:
            made.update(_described(app))
        return made

    app.openapi = described


def _described(app: FastAPI) -> dict[str, Any]:
    whole = get_openapi(
        title=app.title, version=app.version, description=app.description, routes=app.routes, tags=TAGS,
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
    )  # fmt: skip
    parts = whole.setdefault("components", {})
    schemas = parts.setdefault("schemas", {})
    schemas["Problem"] = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    parts["securitySchemes"] = {
        "token": {"type": "http", "scheme": "bearer", "description": "Not needed on loopback."}
    }
    whole["security"] = [{}, {"token": []}]
    for path in whole.get("paths", {}).values():
        for verb, operation in path.items():
            _complete(verb, operation)
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    return whole


def _complete(verb: str, operation: dict[str, Any]) -> None:
    """Problems as problem+json in every operation, and the key in every POST."""
    replies = operation.setdefault("responses", {})
    codes = (
        {int(code) for code in replies if code[0] in "45"}
        | {*ANYWHERE}
        | ({415} if verb == "post" else set())
    )
    for code in sorted(codes):
        replies[str(code)] = {
            "description": TITLES.get(code, "Error"),
            "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
    for content in operation.get("requestBody", {}).get("content", {}).values():
        schema = content.get("schema", {})
        # A record may have any fields, so it may fit several of the forms: `kind_of` tells which one is meant.
        if "oneOf" in schema and "discriminator" not in schema:
            schema["anyOf"] = schema.pop("oneOf")
    if verb == "post":
        operation.setdefault("parameters", []).append(_KEY)


def name_of(route: APIRoute) -> str:
    """An operation's name, which clients made from the description call it by."""
    return route.name.rstrip("_")
