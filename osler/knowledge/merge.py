"""Decides which disease ids are one disease, and which diseases are one clinically unresolvable series."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

# Preferred primary id, first to last.
_ORDER = {"OMIM": 0, "ORPHA": 1, "DECIPHER": 2}


@dataclass(frozen=True, slots=True)
class MergedDisease:
    """One disease: `ids` (all its ids, the primary one first) and its name."""

    ids: tuple[str, ...]
    name: str


def merge_diseases(
    names: Mapping[str, str], equivalent: Mapping[str, str] | None = None
) -> list[MergedDisease]:
    """Group disease ids (`names`: id → name) and order the groups by primary id.

    With `equivalent` (id → id of the class it is exactly equivalent to, from Mondo), ids of one class are one disease.
    Ids that no class holds, and all ids where `equivalent` is None, merge when their names agree after normalisation;
    a name that two ids of one source share merges nothing, since it does not identify a disease.
    """
    groups: dict[str, list[str]] = defaultdict(list)
    loose: list[str] = []
    for disease in names:
        target = (equivalent or {}).get(disease)
        if target:
            groups[target].append(disease)
        else:
            loose.append(disease)
    merged = [group for group in groups.values() if len(group) > 1]
    loose += [group[0] for group in groups.values() if len(group) == 1]
    # A disease whose class holds no second id may still merge by name with one that Mondo does not know.
    fixed = {group[0] for group in groups.values() if len(group) == 1}
    merged += _by_name(loose, names, fixed)
    diseases = [_merged(group, names) for group in merged]
    return sorted(diseases, key=lambda disease: sort_key(disease.ids[0]))


def sort_key(disease_id: str) -> tuple[int, str, int, str]:
    """Order of ids: OMIM, ORPHA, DECIPHER, others; by number within each."""
    prefix, _, local = disease_id.partition(":")
    return _ORDER.get(prefix, 9), prefix, int(local) if local.isdigit() else -1, local


def normalise_name(name: str) -> str:
    """A disease name as sorted words: no case, accents, punctuation, words such as "type"; Roman numerals as numbers."""
    text = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    text = re.sub(r"[’']s?\b", "", text)
    words = [_number(word) for word in re.findall(r"[a-z0-9]+", text)]
    words = [_SPELLING.get(word, word) for word in words if word not in _DROPPED]
    return " ".join(sorted(words))


_DROPPED = {
    "type", "the", "of", "and", "with", "to", "due", "in", "a", "susceptibility", "syndrome", "disease", "disorder",
}  # fmt: skip
_SPELLING = {"anaemia": "anemia", "oedema": "edema", "tumour": "tumor", "haemophilia": "hemophilia"}
_ROMAN = {
    "i": 1,
    "ii": 2,
    "iii": 3,
    "iv": 4,
    "v": 5,
    "vi": 6,
    "vii": 7,
    "viii": 8,
    "ix": 9,
    "xi": 11,
    "xii": 12,
}


def _number(word: str) -> str:
    if word in _ROMAN:
        return str(_ROMAN[word])
    match = re.fullmatch(r"([ivx]{1,4})([a-h])", word)
    return f"{_ROMAN[match[1]]}{match[2]}" if match and match[1] in _ROMAN else word


def _by_name(ids: Sequence[str], names: Mapping[str, str], fixed: set[str]) -> list[list[str]]:
    """Groups of ids with one normalised name and no source twice, at most one of them being `fixed`."""
    by_key: dict[str, list[str]] = defaultdict(list)
    for disease in ids:
        by_key[normalise_name(names[disease])].append(disease)
    groups = []
    for key, members in by_key.items():
        sources = Counter(member.partition(":")[0] for member in members)
        together = key and max(sources.values()) == 1 and sum(member in fixed for member in members) < 2
        groups += [members] if together else [[member] for member in members]
    return groups


def _merged(group: list[str], names: Mapping[str, str]) -> MergedDisease:
    ids = tuple(sorted(group, key=sort_key))
    return MergedDisease(ids, next((names[i] for i in ids if names[i]), ids[0]))


# Series that OMIM renamed while older entries kept their names.
_RENAMED_SERIES = (
    (re.compile(r"\bmental retardation\b", re.IGNORECASE), "intellectual developmental disorder"),
    (
        re.compile(r"^epileptic encephalopathy, early infantile$", re.IGNORECASE),
        "developmental and epileptic encephalopathy",
    ),
)

# A number and the letter of its subtype; I, V and X after a Roman numeral belong to the numeral.
_LETTER = re.compile(
    r"^(.*?[\s,](?:type\s+)?(?:\d+(?=[A-Z]{1,2}\d?$)|[IVX]+(?=[A-HJ-UWYZ]\d?$)))[A-Z]{1,2}\d?$"
)
_ARABIC = re.compile(r"^(.*?)[\s,]+(?:type[\s,]+|\(?)?\d+\)?$")


def series_stem(name: str) -> str:
    """The name before the number or letter that tells genetically, not clinically, different subtypes apart.

    "Developmental and epileptic encephalopathy 14" → "Developmental and epileptic encephalopathy";
    "Usher syndrome type 1B" → "Usher syndrome type 1" (types 1 and 2 differ clinically, 1B and 1C do not). Roman
    numerals alone ("Mucopolysaccharidosis type II") name clinical types and are kept.
    """
    text = re.sub(r"\s+", " ", name.strip())
    # What follows the number after a comma says the mode of inheritance: "X 2, autosomal recessive".
    text = re.sub(
        r"(?<=\d), (?:autosomal (?:dominant|recessive)|X-linked(?: dominant| recessive)?)$", "", text
    )
    match = _LETTER.match(text) or _ARABIC.match(text)
    return match[1].rstrip(" ,") if match and len(match[1]) > 3 else text


def group_series(names: Iterable[str]) -> tuple[list[int], list[str]]:
    """For each disease its group, and the groups' names; a disease of no series is a group of its own.

    Names agree by `normalise_name` of their stems, so "Usher syndrome, type 1C" joins "Usher syndrome type 1B".
    """
    positions: dict[str, int] = {}
    labels: list[str] = []
    groups = []
    for name in names:
        stem = series_stem(name)
        renamed = stem
        for old, new in _RENAMED_SERIES:
            renamed = old.sub(new, renamed)
        key = normalise_name(renamed) or name
        if key not in positions:
            positions[key] = len(labels)
            labels.append(renamed[:1].upper() + renamed[1:])
        groups.append(positions[key])
    return groups, labels
