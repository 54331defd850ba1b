"""A case as callers of the API give it: a text with options, or a phenopacket, FHIR record or Osler case as the body itself."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Body, Query
from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag

from osler.app.api.common import Sex, Strict
from osler.app.desk import Desk
from osler.case import Case
from osler.errors import UsageError
from osler.findings.casefile import looks_like_case
from osler.findings.fhir import looks_like_fhir
from osler.findings.phenopacket import looks_like_phenopacket

MOST_WORDS = 500
Terms = Annotated[list[Annotated[str, Field(max_length=300)]], Field(max_length=MOST_WORDS)]
Top = Annotated[int, Field(ge=1, le=1000)]
Questions = Annotated[int, Field(ge=0, le=50)]


class CaseGiven(Strict):
    """What is known of the patient: words, a record, findings one by one, or all of it."""

    text: str | None = Field(default=None, description="A letter or note in plain text.")
    case: dict[str, Any] | list[Any] | None = Field(
        default=None, description="A phenopacket, a FHIR resource or Bundle, or an Osler case."
    )
    present: Terms = Field(default_factory=list, description="Findings that are there: HPO ids or names.")
    absent: Terms = Field(default_factory=list, description="Findings that are not there: HPO ids or names.")
    age: float | None = Field(default=None, ge=0, le=130, description="Years.")
    sex: Sex | None = None


class DiagnoseRequest(CaseGiven):
    """A case and what is wanted of the differential."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"text": "Tall man of 24 with ectopia lentis and arachnodactyly, no seizures.", "top": 3},
                {
                    "present": ["HP:0001083", "arachnodactyly"],
                    "absent": ["seizure"],
                    "age": 24,
                    "sex": "male",
                },
            ]
        }
    )

    top: Top = Field(default=10, description="How many diseases to give.")
    method: str = Field(
        default="embedded", max_length=2000, description="As `osler list methods` names them."
    )
    questions: Questions = Field(default=5, description="How many next questions to give.")


class Phenopacket(BaseModel):
    """A GA4GH phenopacket or Family; every field of the standard may be there."""

    model_config = ConfigDict(
        extra="allow",
        json_schema_extra={
            "examples": [
                {
                    "id": "p1",
                    "phenotypicFeatures": [{"type": {"id": "HP:0001083", "label": "Ectopia lentis"}}],
                }
            ]
        },
    )


class FhirRecord(BaseModel):
    """A FHIR R4 resource or Bundle."""

    model_config = ConfigDict(
        extra="allow", json_schema_extra={"examples": [{"resourceType": "Bundle", "type": "collection"}]}
    )

    resourceType: str  # noqa: N815


class OslerCase(BaseModel):
    """A case as `osler findings --case` writes it."""

    model_config = ConfigDict(
        extra="allow",
        json_schema_extra={
            "examples": [{"schema_version": "osler.case/1", "findings": [{"term": {"id": "HP:0001083"}}]}]
        },
    )


def kind_of(value: Any) -> str:
    """Which of the four a body is; models tell by their class."""
    if isinstance(value, BaseModel):
        return {FhirRecord: "fhir", Phenopacket: "phenopacket", OslerCase: "case"}.get(type(value), "request")
    if looks_like_fhir(value):
        return "fhir"
    if isinstance(value, dict):
        if looks_like_phenopacket(value) or "proband" in value:
            return "phenopacket"
        if looks_like_case(value) and not set(value) <= DiagnoseRequest.model_fields.keys():
            return "case"
    return "request"


def either(request: type[BaseModel]) -> Any:
    """The type of a body that is a request or a record itself."""
    return Annotated[
        Annotated[request, Tag("request")]
        | Annotated[Phenopacket, Tag("phenopacket")]
        | Annotated[FhirRecord, Tag("fhir")]
        | Annotated[OslerCase, Tag("case")],
        Discriminator(kind_of),
        Body(),
    ]


def source_of(body: BaseModel) -> Any:
    """What `read_case` reads: bytes for text (a string might be taken for a file's name), or an object; None for neither.

    Raises UsageError where both are given.
    """
    if not isinstance(body, CaseGiven):
        return body.model_dump(exclude_unset=True)
    if body.text is not None and body.case is not None:
        raise UsageError("give `text` or `case`, not both")
    return body.text.encode("utf-8", "replace") if body.text is not None else body.case


def findings_of(body: BaseModel) -> dict[str, Any]:
    """The findings, age and sex that stand beside the source, as `runtime.case_from` takes them."""
    if not isinstance(body, CaseGiven):
        return {}
    return {"present": body.present, "absent": body.absent, "age": body.age, "sex": body.sex}


def read(desk: Desk, body: BaseModel, **reading: Any) -> Case:
    """The case. Raises UsageError where there is nothing to read, InputError where it cannot be."""
    from osler.runtime import case_from

    source = source_of(body)
    given = findings_of(body)
    if source is None and not (given["present"] or given["absent"]):
        raise UsageError("give a `text`, a `case`, or findings in `present` and `absent`")
    return case_from(source, base=desk.knowledge, **limits_of(desk), **given, **reading)


def limits_of(desk: Desk) -> dict[str, Any]:
    """The most bytes that a source may have, and characters of free text."""
    return {"max_bytes": int(desk.settings.max_mb * 1_000_000), "max_text": desk.settings.max_text}


TopQuery = Annotated[int | None, Query(ge=1, le=1000, description="Where the body is a record itself.")]
MethodQuery = Annotated[str | None, Query(max_length=2000, description="Where the body is a record itself.")]
QuestionsQuery = Annotated[int | None, Query(ge=0, le=50, description="Where the body is a record itself.")]
