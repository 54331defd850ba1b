"""CDS Hooks 2.0: a `patient-view` service, so that an EHR shows the differential beside a chart.

The EHR sends what it prefetched (patient, conditions, observations); nothing is fetched from it, and nothing is stored. Cards are
`info` at most and say that they are for research. A client's JWT is not verified: on loopback no token is needed, elsewhere the
server's own tokens are (docs/api.md).
"""

from __future__ import annotations

from typing import Annotated, Any
from uuid import NAMESPACE_URL, uuid5

from fastapi import HTTPException, Request
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field

from osler import __version__, runtime
from osler.app.api import given
from osler.app.api.common import caller, desk_of, problems, reply, router
from osler.app.desk import Desk
from osler.diagnosis.shares import percent
from osler.errors import InputError
from osler.runtime import Diagnosis

router = router("FHIR", "/cds-services")
SERVICE = "osler-patient-view"
RESEARCH = "For research and education. Not a medical device; not for decisions on care."
PREFETCH = {
    "patient": "Patient/{{context.patientId}}",
    "conditions": "Condition?patient={{context.patientId}}",
    "observations": "Observation?patient={{context.patientId}}&_count=200&_sort=-date",
}
_LEAST, _SHOWN, _SUMMARY = 0.05, 5, 140
_TOLD = ("emergency", "conditional", "non-specific", "none-fits", "looked-for")


class Service(BaseModel):
    """A service as discovery lists it."""

    hook: str
    title: str
    description: str
    id: str
    prefetch: dict[str, str]
    usageRequirements: str  # noqa: N815


class Services(BaseModel):
    """The services of this server."""

    services: list[Service]


class HookRequest(BaseModel):
    """What an EHR sends. Fields of later versions, and the FHIR access that it may offer, are left alone."""

    model_config = ConfigDict(
        extra="ignore",
        json_schema_extra={
            "examples": [
                {
                    "hook": "patient-view",
                    "hookInstance": "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea",
                    "context": {"userId": "Practitioner/1", "patientId": "1"},
                    "prefetch": {
                        "patient": {"resourceType": "Patient", "gender": "male", "birthDate": "2001-02-03"},
                        "conditions": {
                            "resourceType": "Bundle",
                            "type": "searchset",
                            "entry": [
                                {"resource": {"resourceType": "Condition", "code": {"text": "ectopia lentis"}}}
                            ],
                        },
                    },
                }
            ]
        },
    )  # fmt: skip

    hook: Annotated[str, Field(pattern=r"^patient-view$")]
    hookInstance: Annotated[str, Field(min_length=1, max_length=200)]  # noqa: N815
    context: dict[str, Any]
    prefetch: dict[str, dict[str, Any] | None] | None = None


class Source(BaseModel):
    """Where a card is from."""

    label: str
    url: str | None = None


class Link(BaseModel):
    """Where a card leads."""

    label: str
    url: str
    type: str


class Card(BaseModel):
    """What the EHR shows."""

    uuid: str
    summary: str
    detail: str
    indicator: str
    source: Source
    links: list[Link]


class Cards(BaseModel):
    """The cards: none where there is nothing to say."""

    cards: list[Card]


class Outcome(BaseModel):
    """What somebody did with a card."""

    model_config = ConfigDict(extra="ignore")

    card: Annotated[str, Field(pattern=r"^[\w-]{1,100}$")]
    outcome: Annotated[str, Field(pattern=r"^(accepted|overridden)$")]
    outcomeTimestamp: str | None = Field(default=None, max_length=64)  # noqa: N815
    overrideReason: dict[str, Any] | None = None  # noqa: N815


class OutcomesRequest(BaseModel):
    """Feedback as CDS Hooks has it."""

    model_config = ConfigDict(extra="ignore")

    feedback: Annotated[list[Outcome], Field(min_length=1, max_length=100)]


@router.get("", response_model=Services, summary="CDS Hooks discovery")
async def cds_services() -> Response:
    """The one service, with what it asks the EHR to prefetch."""
    return reply(
        {
            "services": [
                {
                    "hook": "patient-view",
                    "title": "Osler: differential diagnosis (research)",
                    "description": f"Ranks profiled diseases by the findings of the chart, with reasons. {RESEARCH}",
                    "id": SERVICE,
                    "prefetch": PREFETCH,
                    "usageRequirements": "Send the prefetch; this service fetches nothing.",
                }
            ]
        }
    )


@router.post("/{service}", response_model=Cards, responses=problems(404, 413, 422), summary="Call the patient-view service")  # fmt: skip
async def cds_hook(request: Request, service: str, body: HookRequest) -> Response:
    """A card with the head of the differential where the chart's findings tell enough; without prefetch, a card that asks for it."""
    _known(service)
    desk = desk_of(request)
    return await desk.compute(_cards, desk, body, str(request.base_url))


@router.post("/{service}/feedback", responses={200: {"description": "It was kept."}, **problems(404, 422)}, summary="What was done with cards")  # fmt: skip
async def cds_feedback(request: Request, service: str, body: OutcomesRequest) -> Response:
    """Accepted or overridden cards, appended to the private file of feedback. Words of the override are not kept: they may name
    the patient."""
    from osler.app.feedback import keep

    _known(service)
    for one in body.feedback:
        row = {"cds": service, "card": one.card, "outcome": one.outcome, "at": one.outcomeTimestamp}
        await desk_of(request).compute(keep, {**row, "who": caller(request)})
    return Response(status_code=200)


def _known(service: str) -> None:
    if service != SERVICE:
        raise HTTPException(404, f"there is no service {service[:80]!r}; GET /cds-services lists them")


def _cards(desk: Desk, body: HookRequest, base: str) -> Response:
    resources = [one for one in (body.prefetch or {}).values() if one]
    if not resources:
        told = "Osler needs the prefetch of this chart (patient, conditions, observations); it fetches nothing itself."
        return reply({"cards": [_card(body, base, told, "", "prefetch")]})
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": list(_entries(resources))}
    try:
        found = runtime.diagnose(
            bundle, base=desk.knowledge, top=_SHOWN, questions=2, **given.limits_of(desk)
        )
    except InputError:
        # A chart without a codable finding is no error of the EHR's: there is nothing to say.
        return reply({"cards": []})
    shown = [one for one in found.differential if one.probability >= _LEAST]
    if not shown:
        return reply({"cards": []})
    lead = f"{shown[0].name} {percent(shown[0].probability)}" + (
        f", then {shown[1].name}" if len(shown) > 1 else ""
    )
    return reply(
        {
            "cards": [
                _card(body, base, f"Differential (research): {lead}", _detail(found, shown), "differential")
            ]
        }
    )


def _entries(resources: list[dict[str, Any]]) -> Any:
    """The resources of all that was prefetched, Bundles opened."""
    for one in resources:
        if one.get("resourceType") != "Bundle":
            yield {"resource": one}
            continue
        listed = one.get("entry")
        for entry in listed if isinstance(listed, list) else []:
            inside = entry.get("resource") if isinstance(entry, dict) else None
            if isinstance(inside, dict):
                yield {"resource": inside}


def _card(body: HookRequest, base: str, summary: str, detail: str, kind: str) -> dict[str, Any]:
    return {
        "uuid": str(uuid5(NAMESPACE_URL, f"osler:{body.hookInstance}:{kind}")),
        "summary": summary if len(summary) < _SUMMARY else f"{summary[: _SUMMARY - 2]}…",
        "detail": f"{detail}{RESEARCH}",
        "indicator": "info",
        "source": {"label": f"Osler {__version__} (research)", "url": base},
        "links": [{"label": "Open Osler", "url": f"{base}case", "type": "absolute"}],
    }


def _detail(found: Diagnosis, shown: list[Any]) -> str:
    """The differential as Markdown, with reasons, what to find out next, and what the probabilities mean."""
    lines = [
        f"{one.rank}. **{_plain(one.name)}** ({one.id}) {percent(one.probability)}"
        + (f"; for: {', '.join(_plain(_said(r)) for r in one.support[:4])}" if one.support else "")
        for one in shown
    ]
    lines.append(f"\nNone of the profiled diseases: {percent(found.none_fits)}.")
    if found.next:
        lines.append(f"Worth asking: {_plain(found.next[0].question)}")
    told = [notice.text for notice in found.notices if notice.code in _TOLD]
    lines += [_plain(text) for text in told]
    lines.append(f"Knowledge: {found.knowledge.name} {found.knowledge.release}.\n")
    return "\n".join(lines)


def _said(reason: Any) -> str:
    return f"no {reason.label}" if reason.status == "absent" else reason.label


def _plain(text: str) -> str:
    """Text that Markdown and HTML leave as it is."""
    return "".join(f"\\{c}" if c in "*_`[]#!\\" else "&lt;" if c == "<" else c for c in text)
