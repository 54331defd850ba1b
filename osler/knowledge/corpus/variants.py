"""Other ways of writing a query's word: Greek letters, hyphens, units, genes, British spelling, drug names in two nomenclatures.

All at query time, so that the index keeps the words as they stand and nothing is rebuilt when a rule is added: "α-synuclein"
finds alpha-synuclein, "IL6" finds IL-6, "5mg" finds 5 mg, "hemorrhage" finds haemorrhage, "adrenaline" finds epinephrine.
An alternative is a tuple of words: one, or several that must follow each other. Knows nothing of the index; words that it does
not hold are dropped by whoever asks.
"""

from __future__ import annotations

import re
from functools import lru_cache

Alternative = tuple[str, ...]

_GREEK = {
    "α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "ε": "epsilon", "ζ": "zeta", "η": "eta", "θ": "theta",
    "ι": "iota", "κ": "kappa", "λ": "lambda", "μ": "mu", "ν": "nu", "ξ": "xi", "π": "pi", "ρ": "rho", "σ": "sigma",
    "τ": "tau", "φ": "phi", "χ": "chi", "ψ": "psi", "ω": "omega",
}  # fmt: skip
_NAMED = {name: letter for letter, name in _GREEK.items()}
# Written at the end of a gene's or protein's name without a hyphen: TNFalpha, IFNgamma. Short names would match other words.
_TAILS = ("alpha", "beta", "gamma", "delta", "kappa", "epsilon")
_UNITS = r"mg|g|kg|mcg|µg|μg|ug|ng|ml|dl|l|mmol|µmol|μmol|umol|mmhg|meq|iu|units?|cm|mm|hz|kcal"
_MICRO = {"mcg": ("µg", "μg", "ug"), "µg": ("mcg", "μg", "ug"), "μg": ("mcg", "µg", "ug"), "ug": ("mcg", "µg", "μg"),
          "µmol": ("μmol", "umol"), "μmol": ("µmol", "umol"), "umol": ("µmol", "μmol")}  # fmt: skip
# American stem | British stem, where they differ within a word.
_SPELLINGS = """
hemat haemat|hemo haemo|hemi haemi|emia aemia|anemi anaemi|ischem ischaem|leukem leukaem|edema oedema|esoph oesoph|estro oestro|
estradi oestradi|estri oestri|fetus foetus|fetal foetal|feto foeto|diarrhe diarrhoe|gonorrhe gonorrhoe|amenorrhe amenorrhoe|
dysmenorrhe dysmenorrhoe|rrhea rrhoea|gynec gynaec|pediatr paediatr|orthoped orthopaed|anesth anaesth|cecum caecum|cecal caecal|
fecal faecal|feces faeces|celiac coeliac|cesarean caesarean|dyspne dyspnoe|apne apnoe|tumor tumour|color colour|behavior behaviour|
labor labour|odor odour|humor humour|sulf sulph|aluminum aluminium|liter litre|meter metre|center centre|fiber fibre|goiter goitre|
caliber calibre|etiolog aetiolog|hemorr haemorr|paralyz paralys|analyz analys|catalyz catalys|ization isation|izing ising|
ized ised|counsel counsell|labeled labelled|tranquiliz tranquillis|enroll enrol|program programme|leukocyt leucocyt|
maneuver manoeuvre|curet curett|ameb amoeb|practic practis|aging ageing|synesthe synaesthe
"""
_PAIRS = [tuple(pair.split()) for pair in _SPELLINGS.replace("\n", "").split("|")]
# United States adopted name and international name of one substance.
_DRUGS = """
acetaminophen paracetamol|epinephrine adrenaline|norepinephrine noradrenaline|albuterol salbutamol|meperidine pethidine|
furosemide frusemide|cyclosporine ciclosporin|cephalexin cefalexin|lidocaine lignocaine|isoproterenol isoprenaline|
rifampin rifampicin|glyburide glibenclamide|torsemide torasemide|acyclovir aciclovir|amphetamine amfetamine|
dextroamphetamine dexamfetamine|methenamine hexamine|nitroglycerin glyceryl|thyroxine levothyroxine|vasopressin argipressin|
indomethacin indometacin|phytonadione phytomenadione|bendroflumethiazide bendrofluazide|estrogen oestrogen|
chlorpheniramine chlorphenamine|tetracaine amethocaine|dicyclomine dicycloverine
"""
_NAMES: dict[str, list[str]] = {}
for _one, _other in (pair.split() for pair in _DRUGS.replace("\n", "").split("|")):
    _NAMES.setdefault(_one, []).append(_other)
    _NAMES.setdefault(_other, []).append(_one)
_MIXED = re.compile(r"[^\W\d_]+|\d+")


@lru_cache(maxsize=50_000)
def alternatives(word: str) -> tuple[Alternative, ...]:
    """Other writings of one lower-case word, without itself."""
    found: dict[Alternative, None] = {}
    for other in (*_MICRO.get(word, ()), *_NAMES.get(word, ()), *_spelled(word)):
        found[(other,)] = None
    for other in _greek(word):
        found[other] = None
    pieces = _MIXED.findall(word)
    # IL6, 5mg, HbA1c, CYP2D6: at the first border, and at every one. Not 5q or B12, whose parts stand side by side by chance.
    if 2 <= len(pieces) <= 4 and any(len(piece) > 1 and piece.isalpha() for piece in pieces):
        first = len(pieces[0])
        found[(word[:first], word[first:])] = None
        found[tuple(pieces)] = None
    found.pop((word,), None)
    return tuple(found)


def compounds(query: str) -> list[tuple[Alternative, ...]]:
    """How else words that belong together are written (beta-blocker, 5 mg: in one; IL-6, hepatitis A: also one after the other).

    Parts that are words of their own are searched as such anyway, so that only short ones and numbers ask for the order.
    """
    found = []
    for match in _COMPOUND.finditer(query.lower()) if _HINT.search(query) else ():
        parts = tuple(_PART.findall(match[0]))
        if not 2 <= len(parts) <= 3:
            continue
        others: dict[Alternative, None] = {("".join(parts),): None}
        if " " not in match[0] and any(part in _GREEK or part in _NAMED for part in parts):
            others |= dict.fromkeys(_greek_parts(parts))
        short = max(map(len, parts)) < 6 and any(len(part) < 3 or part.isdigit() for part in parts)
        if not match["unit"] and (short or " " in match[0]):
            others[parts] = None
        found.append(tuple(others))
    return found


_PART = re.compile(r"[^\W_]+")
_HINT = re.compile(
    r"[-‐‑–/]|\d [a-zµμ]|[a-z] [ai]\b", re.I
)  # a quick look whether there is anything to take apart
_LETTERED = r"hepatitis|vitamin|influenza|type|factor|group|class|bipolar|complex"
# Looked for where a word begins only, and a word is not tried again with fewer letters: six times as fast on a long query.
_COMPOUND = re.compile(
    rf"(?<![^\W_])(?:[^\W_]++(?:[-‐‑–/][^\W_]++)+|(?P<unit>\b\d+ (?:{_UNITS})\b)|\b(?:{_LETTERED}) [ai]\b)"
)


def _greek_parts(parts: Alternative) -> list[Alternative]:
    """The parts with Greek letters as names, and names as letters: (tnf, α) for (tnf, alpha)."""
    swapped = tuple(_GREEK.get(part, _NAMED.get(part, part)) for part in parts)
    return [swapped, ("".join(swapped),)] if swapped != parts else []


def _greek(word: str) -> list[Alternative]:
    if word in _NAMED:
        return [(_NAMED[word],)]
    letters = [c for c in word if c in _GREEK]
    if letters:
        whole = "".join(_GREEK.get(c, c) for c in word)
        apart = tuple("".join(f" {_GREEK[c]} " if c in _GREEK else c for c in word).split())
        return [(whole,), *([apart] if len(apart) > 1 else [])]
    for tail in _TAILS:
        if word.endswith(tail) and 2 <= len(word) - len(tail) <= 6:
            stem = word.removesuffix(tail)
            return [(stem + _NAMED[tail],), (stem, tail), (stem, _NAMED[tail])]
    return []


def _spelled(word: str) -> list[str]:
    """American for British and British for American; both where several stems differ."""
    if len(word) < 4 or not word.isalpha():
        return []
    found = []
    for american, british in _PAIRS:
        if british in word:
            found.append(word.replace(british, american))
        elif american in word:
            found.append(word.replace(american, british))
    if len(found) > 1:  # hemorrhagic anemia in one word: every difference at once
        every = word
        for american, british in _PAIRS:
            every = every.replace(british, american)
        found.append(every)
    return found[:6]
