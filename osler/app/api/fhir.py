"""FHIR R4 in and out: `$diagnose` takes a Bundle or resource and gives a draft DiagnosticReport with its RiskAssessment.

The draft says that it is for research in every resource. Errors are problem+json, as everywhere in the API.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

import orjson
from fastapi import Query, Request
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict

from osler import __version__, runtime
from osler.app.api import given
from osler.app.api.common import PREFIX, desk_of, problems, router
from osler.app.desk import Desk
from osler.errors import InputError

router = router("FHIR", f"{PREFIX}/fhir")
FHIR_JSON = "application/fhir+json"
_CANONICAL = "urn:osler:fhir"


class Resource(BaseModel):
    """A FHIR resource."""

    model_config = ConfigDict(extra="allow")

    resourceType: str  # noqa: N815


class FhirResponse(JSONResponse):
    """FHIR's own JSON."""

    media_type = FHIR_JSON

    def render(self, content: Any) -> bytes:
        """The resource as bytes."""
        return orjson.dumps(content)


@router.get(
    "/metadata",
    response_model=Resource,
    response_class=FhirResponse,
    summary="What this FHIR endpoint can do",
)
async def metadata(request: Request) -> Response:
    """A small CapabilityStatement: one system operation, `diagnose`, and no storing of anything."""
    return FhirResponse(
        {
            "resourceType": "CapabilityStatement",
            "status": "active",
            "experimental": True,
            "date": datetime.now(UTC).strftime("%Y-%m-%d"),
            "kind": "instance",
            "fhirVersion": "4.0.1",
            "format": ["json"],
            "software": {"name": "Osler", "version": __version__},
            "implementation": {"description": "Osler, for research and education; not a medical device."},
            "rest": [
                {
                    "mode": "server",
                    "documentation": "Resources are read from the Bundle that is sent; none is stored.",
                    "operation": [
                        {"name": "diagnose", "definition": f"{_CANONICAL}:OperationDefinition:diagnose"}
                    ],
                }
            ],
        }
    )


@router.post(
    "/$diagnose",
    response_model=Resource,
    response_class=FhirResponse,
    responses=problems(400, 413, 422),
    summary="Diagnose from FHIR, as a FHIR draft",
)  # fmt: skip
async def fhir_diagnose(
    request: Request, body: given.FhirRecord, top: Annotated[int, Query(ge=1, le=100)] = 10
) -> Response:
    """A Bundle (or a resource, or Parameters that hold one) in; a collection Bundle out: DiagnosticReport and RiskAssessment
    (`preliminary`), the findings as Observations, and the Device that made them. Nothing in it has the patient's identity."""
    return await desk_of(request).compute(
        _drafted, desk_of(request), body.model_dump(exclude_unset=True), top
    )


def _drafted(desk: Desk, record: dict[str, Any], top: int) -> Response:
    from osler.app.fhir_out import report_bundle

    source = inner(record)
    found = runtime.diagnose(source, base=desk.knowledge, top=top, **given.limits_of(desk))
    return FhirResponse(report_bundle(found.case, found))


def inner(record: dict[str, Any]) -> dict[str, Any]:
    """The record that Parameters carry; anything else is the record itself. Raises InputError for Parameters without one."""
    if record.get("resourceType") != "Parameters":
        return record
    listed = record.get("parameter")
    for one in listed if isinstance(listed, list) else []:
        if isinstance(one, dict) and isinstance(one.get("resource"), dict):
            return one["resource"]
    raise InputError("these Parameters hold no resource; put the Bundle in parameter[0].resource")
