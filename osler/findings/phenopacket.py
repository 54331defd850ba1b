"""GA4GH phenopackets, versions 1 and 2, to a Case; what names the answer or the person is handed back apart.

Read: phenotypic features with status, onset, severity and modifiers; the subject's sex, age and vital status;
measurements; treatments. Set aside, and said: interpretations, diseases, genes, variants, files, ids, publications,
biosamples, free-text descriptions and evidence. Schema: phenopacket-schema.readthedocs.io, 1.0 and 2.0.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from osler.case import Case, Demographics, Finding, Medication, Onset, Sex, Term, opaque_id
from osler.case import Measurement as Measured
from osler.case import Quantity as Amount
from osler.errors import InputError
from osler.findings.values import (
    Notes,
    age_at,
    date_of,
    days_of_duration,
    dict_of,
    dicts_of,
    number_of,
    possible_age,
    term_of,
    text_of,
    today,
)

# Namespaces whose terms name a diagnosis or a genotype, not an observation.
_DISEASE_SPACES = (
    "OMIM",
    "OMIMPS",
    "MIM",
    "ORPHA",
    "ORPHANET",
    "MONDO",
    "DECIPHER",
    "DOID",
    "NCIT",
    "ICD10",
    "ICD11",
)
_GENE_SPACES = ("HGNC", "ENSEMBL", "NCBIGENE", "GENO", "SO", "CLINVAR", "ENTREZ", "DBSNP")
_PACKET_KEYS = (
    "phenotypicFeatures",
    "phenotypic_features",
    "subject",
    "interpretations",
    "diseases",
    "metaData",
)
_ANTENATAL = Term(id="HP:0030674", label="Antenatal onset")
_SEXES: dict[str, Sex | None] = {"MALE": "male", "FEMALE": "female", "OTHER_SEX": "other"}
_SEX_CODES = {1: "FEMALE", 2: "MALE", 3: "OTHER_SEX"}


@dataclass(frozen=True, slots=True)
class SetAside:
    """What a phenopacket says of the answer and the person: for an evaluator only, never part of a Case."""

    id: str = ""
    diseases: tuple[str, ...] = ()
    publications: tuple[str, ...] = ()
    genes: tuple[str, ...] = ()


def looks_like_phenopacket(value: Any) -> bool:
    """Whether a parsed object is a phenopacket: two of its fields, or features alone."""
    if not isinstance(value, dict) or "resourceType" in value:
        return False
    features = value.get("phenotypicFeatures", value.get("phenotypic_features"))
    return isinstance(features, list) or sum(key in value for key in _PACKET_KEYS) >= 2


def parse_phenopacket(packet: Any) -> tuple[Case, SetAside]:
    """Read one phenopacket, already parsed from JSON or YAML.

    Returns the Case (its id depends only on what it holds) and what was set aside. Term ids are taken as they are:
    `osler.findings.reader` resolves them. Raises InputError when the object is not a phenopacket.
    """
    if not looks_like_phenopacket(packet):
        raise InputError("this is not a phenopacket: it has no phenotypicFeatures and no subject")
    notes = Notes()
    findings = _features(packet, notes)
    demographics = _subject(_get(packet, "subject"), findings, notes)
    measurements = [m for node in dicts_of(packet, "measurements") for m in _measurements(node, notes)]
    aside = _set_aside(packet, notes)
    case = Case(
        findings=findings,
        demographics=demographics,
        measurements=measurements,
        medications=_medications(packet, notes),
        notices=notes.notices(),
    )
    case.id = opaque_id(case.model_dump_json(exclude={"id", "notices"}, exclude_defaults=True))
    return case, aside


def parse_family(family: dict[str, Any]) -> tuple[Case, SetAside]:
    """Read the proband of a phenopacket Family; features present in relatives become findings of status `family`.

    Raises InputError when there is no proband.
    """
    proband = _get(family, "proband")
    if not looks_like_phenopacket(proband):
        raise InputError("this family of phenopackets has no proband with phenotypicFeatures; add one")
    case, aside = parse_phenopacket(proband)
    notes = Notes()
    relatives = [r for r in dicts_of(family, "relatives") if looks_like_phenopacket(r)]
    seen: set[str] = set()
    for relative in relatives:
        for finding in _features(relative, notes):
            if finding.status == "present" and finding.id not in seen:
                seen.add(finding.id)
                case.findings.append(finding.model_copy(update={"status": "family", "onset": None}))
    if relatives:
        text = "the proband was read; what is present in relatives counts as family history"
        notes.add("family-read", text)
    if family.get("pedigree") or family.get("files") or family.get("htsFiles"):
        notes.add("identity-set-aside", "the pedigree and files of the family were set aside")
    known = {notice.code for notice in case.notices}
    case.notices += [notice for notice in notes.notices() if notice.code not in known]
    return case, aside


def _get(node: Any, key: str) -> Any:
    """A field in JSON's camelCase or in protobuf's own snake_case."""
    if not isinstance(node, dict):
        return None
    if key in node:
        return node[key]
    return node.get("".join(f"_{c.lower()}" if c.isupper() else c for c in key))


def _list(node: Any, key: str) -> list[dict[str, Any]]:
    value = _get(node, key)
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _features(packet: Any, notes: Notes) -> list[Finding]:
    findings = []
    for node in _list(packet, "phenotypicFeatures"):
        term = term_of(node.get("type"))
        if term is None:
            notes.add("entry-broken", "a phenotypic feature without a term was set aside")
            continue
        if not term.id.startswith("HP:") and _is_answer(term.id, notes):
            continue
        findings.append(_finding(node, term, notes))
    return findings


def _is_answer(term_id: str, notes: Notes) -> bool:
    """Whether a feature is coded by a disease or a gene, which would give the answer away."""
    space = term_id.partition(":")[0].upper()
    if space in _DISEASE_SPACES:
        notes.add("diagnosis-set-aside", "a diagnosis stated in the file was set aside")
    elif space in _GENE_SPACES:
        notes.add("genotype-set-aside", "genetic findings in the file were set aside")
    else:
        return False
    return True


def _finding(node: dict[str, Any], term: Term, notes: Notes) -> Finding:
    absent = node.get("excluded", node.get("negated")) is True
    if len(node) == 1 or (absent and len(node) == 2):  # most features are a term and perhaps `excluded`
        return Finding(term=term, status="absent" if absent else "present", source="phenopacket")
    if text_of(node, "description"):
        notes.add(
            "description-set-aside",
            "free-text descriptions of features were not read: they may name the diagnosis",
        )
    modifiers = (term_of(modifier) for modifier in dicts_of(node, "modifiers"))
    return Finding(
        term=term,
        status="absent" if absent else "present",
        source="phenopacket",
        onset=_onset(node, notes),
        severity=term_of(node.get("severity")),
        modifiers=[modifier for modifier in modifiers if modifier is not None],
    )


def _onset(node: dict[str, Any], notes: Notes) -> Onset | None:
    """Onset of a feature: version 2 nests it in `onset`, version 1 has one of three fields."""
    element = node.get("onset")
    if not isinstance(element, dict):
        old = _get(node, "ageOfOnset"), _get(node, "ageRangeOfOnset"), _get(node, "classOfOnset")
        element = dict(zip(("age", "ageRange", "ontologyClass"), old, strict=True))
    gestation = _gestation(element)
    if gestation is not None:
        return Onset(term=_ANTENATAL, text=f"gestational age {gestation:.1f} weeks")
    days, words = _age(element, notes)
    if days is not None and not possible_age(days):
        notes.add("age-impossible", "an age of onset outside 0 to 130 years was dropped")
        days, words = None, None
    term = term_of(_get(element, "ontologyClass"))
    return Onset(age_days=days, term=term, text=words) if days is not None or term is not None else None


def _age(element: Any, notes: Notes) -> tuple[float | None, str | None]:
    """Days of an `age` or the start of an `ageRange`; versions 1 and 2 differ in depth and in names."""
    age, words = _iso(_get(element, "age")), None
    if not age:
        span = _get(element, "ageRange")
        age, end = _iso(_bound(span, "start")), _iso(_bound(span, "end"))
        words = (
            f"{age} to {end}"
            if days_of_duration(age) is not None and days_of_duration(end) is not None
            else None
        )
    days = days_of_duration(age)
    if age and days is None:
        notes.add("age-unread", "an age that is no ISO 8601 duration (such as P3Y2M) was dropped")
    return days, words


def _bound(span: Any, key: str) -> Any:
    bound = span.get(key) if isinstance(span, dict) else None
    return bound.get("age", bound) if isinstance(bound, dict) else bound


def _iso(age: Any) -> str:
    if isinstance(age, dict):
        return text_of(age, "iso8601duration") or text_of(age, "age")
    return age if isinstance(age, str) else ""


def _gestation(element: Any) -> float | None:
    """Weeks of a gestational age that a person can have."""
    node = _get(element, "gestationalAge")
    weeks = number_of(node, "weeks")
    if weeks is None:
        return None
    weeks += (number_of(node, "days") or 0) / 7
    return weeks if 0 <= weeks <= 45 else None


def _subject(subject: Any, findings: list[Finding], notes: Notes) -> Demographics:
    if not isinstance(subject, dict):
        subject = {}
    element = _get(subject, "timeAtLastEncounter")
    if not isinstance(element, dict):
        old = _get(subject, "ageAtCollection"), _get(subject, "ageRangeAtCollection")
        element = dict(zip(("age", "ageRange"), old, strict=True))
    days, _ = _age(element, notes)
    if days is None:
        days = _age_by_dates(subject, element)
    if days is not None and not possible_age(days):
        notes.add("age-impossible", "an age outside 0 to 130 years was dropped")
        days = None
    if days is None and isinstance(_get(element, "ontologyClass"), dict):
        notes.add("age-unknown", "the age is given only as a stage of life; no age in days was taken from it")
    sex = _get(subject, "sex")
    sex = _SEX_CODES.get(sex, "") if isinstance(sex, int) and not isinstance(sex, bool) else sex
    if text_of(subject, "karyotypicSex") not in ("", "UNKNOWN_KARYOTYPE", "XX", "XY"):
        notes.add("genotype-set-aside", "genetic findings in the file were set aside")
    onsets = [
        f.onset.age_days
        for f in findings
        if f.status == "present" and f.onset and f.onset.age_days is not None
    ]
    vital = text_of(dict_of(subject, "vitalStatus") or dict_of(subject, "vital_status"), "status")
    return Demographics(
        age_days=days,
        onset_age_days=min(onsets, default=None),
        sex=_SEXES.get(sex.upper()) if isinstance(sex, str) else None,
        gestational_age_weeks=_gestation(element),
        deceased={"DECEASED": True, "ALIVE": False}.get(vital),
    )


def _age_by_dates(subject: Any, element: Any) -> float | None:
    born = date_of(str(_get(subject, "dateOfBirth") or ""))
    seen = date_of(text_of(element, "timestamp")) or date_of(text_of(dict_of(element, "interval"), "end"))
    if seen is not None and seen > today():
        return None
    return age_at(born, seen)


def _measurements(node: dict[str, Any], notes: Notes) -> list[Measured]:
    """A measurement, or the parts of a complex one."""
    value = dict_of(node, "value") or node
    parts = _list(dict_of(value, "complexValue") or dict_of(node, "complexValue"), "typedQuantities")
    if parts:
        found = [(term_of(part.get("type")), {"quantity": part.get("quantity")}) for part in parts]
    else:
        found = [(term_of(node.get("assay")), value)]
    measured = []
    for term, content in found:
        if term is None:
            notes.add("entry-broken", "a measurement without an assay was set aside")
        elif term.id.startswith("HP:") or not _is_answer(term.id, notes):
            measured.append(_measurement(term, content))
    return measured


def _measurement(term: Term, content: Any) -> Measured:
    quantity = dict_of(content, "quantity")
    amount, limits = number_of(quantity, "value"), dict_of(quantity, "referenceRange")
    unit = text_of(dict_of(quantity, "unit"), "id").removeprefix("UCUM:")
    found = term_of(_get(content, "ontologyClass"))
    range_unit = text_of(dict_of(limits, "unit"), "id").removeprefix("UCUM:")
    low, high = number_of(limits, "low"), number_of(limits, "high")
    if range_unit and range_unit != unit:
        low, high = _range_in(unit, range_unit, low), _range_in(unit, range_unit, high)
    return Measured(
        term=term,
        quantity=Amount(value=amount, unit=unit) if amount is not None else None,
        value_text=found.label or found.id if found else None,
        reference_low=low,
        reference_high=high,
        source="phenopacket",
    )


def _range_in(unit: str, range_unit: str, bound: float | None) -> float | None:
    """A bound of the reference range in the value's own unit; None where it cannot be converted."""
    from osler.ontology.units import UnitError, convert

    try:
        return None if bound is None else convert(bound, range_unit, unit)
    except UnitError:
        return None


def _medications(packet: Any, notes: Notes) -> list[Medication]:
    found = []
    for action in _list(packet, "medicalActions"):
        agent = term_of(dict_of(action, "treatment").get("agent"))
        if agent is None:
            notes.add("action-set-aside", "medical actions other than drug treatments were set aside")
        else:
            found.append(Medication(term=agent, source="phenopacket"))
    return found


def _set_aside(packet: dict[str, Any], notes: Notes) -> SetAside:
    """Collect what must not reach a Case, and say that it was there."""
    diseases, genes = _diseases(packet), _genes(packet)
    publications = _publications(packet)
    if diseases or packet.get("interpretations"):
        notes.add("diagnosis-set-aside", "a diagnosis stated in the file was set aside")
    genetic = any(packet.get(key) for key in ("variants", "genes", "files", "htsFiles"))
    if genes or genetic or any(_variants(i) for i in _list(packet, "interpretations")):
        notes.add("genotype-set-aside", "genetic findings in the file were set aside")
    if publications or packet.get("id") or text_of(_get(packet, "subject"), "id"):
        notes.add("identity-set-aside", "ids, publications and other metadata were set aside")
    if packet.get("biosamples"):
        notes.add("biosample-set-aside", "biosamples were set aside")
    return SetAside(text_of(packet, "id"), tuple(diseases), tuple(publications), tuple(genes))


def _diseases(packet: dict[str, Any]) -> list[str]:
    """Ids of the diagnoses: interpretations first, then diseases that are not excluded."""
    found = [
        text_of(
            dict_of(dict_of(i, "diagnosis"), "disease")
            or dict_of(_first(dict_of(i, "diagnosis"), "disease"), "term"),
            "id",
        )
        for i in _list(packet, "interpretations")
    ]
    found += [
        text_of(dict_of(d, "term"), "id") for d in _list(packet, "diseases") if d.get("excluded") is not True
    ]
    return list(dict.fromkeys(term for term in found if term))


def _first(node: dict[str, Any], key: str) -> dict[str, Any]:
    return next(iter(dicts_of(node, key)), {})


def _variants(interpretation: dict[str, Any]) -> list[dict[str, Any]]:
    return _list(dict_of(interpretation, "diagnosis"), "genomicInterpretations")


def _genes(packet: dict[str, Any]) -> list[str]:
    found = [text_of(gene, "symbol") or text_of(gene, "id") for gene in _list(packet, "genes")]
    for interpretation in _list(packet, "interpretations"):
        for genomic in _variants(interpretation):
            variant = dict_of(dict_of(genomic, "variantInterpretation"), "variationDescriptor")
            context = dict_of(variant, "geneContext") or dict_of(genomic, "gene")
            found.append(text_of(context, "symbol"))
    return list(dict.fromkeys(gene for gene in found if gene))


def _publications(packet: dict[str, Any]) -> list[str]:
    meta = _get(packet, "metaData")
    found = [text_of(reference, "id") for reference in _list(meta, "externalReferences")]
    for feature in _list(packet, "phenotypicFeatures"):
        if "evidence" in feature:
            found += [
                text_of(dict_of(evidence, "reference"), "id") for evidence in dicts_of(feature, "evidence")
            ]
    return list(dict.fromkeys(publication for publication in found if publication))
