"""Words of English medical text: tokens, spelling folding, stems and classes of equivalent words.

Knows nothing about the ontology and nothing about matching. Everything here is a general rule of English or medical
Latin; no rule names a disease.
"""

from __future__ import annotations

import functools
import re
import unicodedata


def word_set(text: str) -> frozenset[str]:
    """The words of a text as a set; for lists that read better as a line."""
    return frozenset(text.split())


# Words that may stand between the words of a name without changing it ("pits of the palms"); the far ones bind less.
NEAR_WORDS = frozenset({"a", "an", "the", "of", "in"})
FAR_WORDS = frozenset({"to", "on", "for", "with", "by", "from", "at", "its", "their", "his", "her"})
CONJUNCTIONS = frozenset({"and", "or", "nor", "plus"})

# Nouns that say "something is wrong with" what they stand beside ("ocular manifestations", "involvement of the skin").
GENERIC_NOUNS = word_set(
    "manifestation involvement alteration change problem disorder disease deficit deformity dysfunction"
)
ABNORMAL = "=abnormal"

# Verb forms and participles that are not forms of the noun with the same root ("affecting" is no form of "affect").
_APART = word_set("affecting affected affects interesting interested collecting including included")

_LIGATURES = {"æ": "e", "œ": "e", "ß": "s", "ø": "o", "ł": "l", "đ": "d", "ı": "i", "µ": "u", "μ": "u"}
_PUNCTUATION = {
    "’": "'",
    "‘": "'",
    "ʼ": "'",
    "“": '"',
    "”": '"',
    "…": ".",
    "。": ".",
    "，": ",",
    "；": ";",
    "：": ":",
}
_NON_ASCII = re.compile(r"[^\x00-\x7f]")


@functools.lru_cache(maxsize=4096)
def _fold_character(character: str) -> str:
    """One ASCII character for any character: its base letter, its punctuation, or a space."""
    if character in _LIGATURES:
        return _LIGATURES[character]
    if character in _PUNCTUATION:
        return _PUNCTUATION[character]
    lower = character.lower()
    if lower[:1] in _LIGATURES:
        return _LIGATURES[lower[:1]]
    base = unicodedata.normalize("NFKD", character)[:1]
    if base and base.isascii():
        return base
    category = unicodedata.category(character)
    if category == "Pd":
        return "-"
    if category[0] == "P":
        return ";"
    # A letter of another script is a word of its own kind, never part of an English name; it must not act as a gap
    # across which two English words could be joined.
    return "_" if category[0] in "LN" else " "


def fold(text: str) -> str:
    """ASCII text of the same length, so that an offset in it is an offset in the original text."""
    return text if text.isascii() else _NON_ASCII.sub(lambda match: _fold_character(match.group()), text)


_IRREGULAR = {
    "teeth": "tooth",
    "feet": "foot",
    "phalanges": "phalanx",
    "testes": "testis",
    "testicular": "testis",
    "testicle": "testis",
    "vertebrae": "vertebra",
    "women": "woman",
    "men": "man",
    "children": "child",
    "larynges": "larynx",
    "menses": "menses",
    "apices": "apex",
    "cortices": "cortex",
    "indices": "index",
    "crises": "crisis",
    "irides": "iris",
    "corpora": "corpus",
    "viscera": "viscus",
    "genera": "genus",
    "swollen": "swelling",
    "swell": "swelling",
    "swells": "swelling",
    "seen": "see",
    "fits": "fits",
    "pes": "pes",
    "lens": "lens",
    "lenses": "lens",
    "species": "species",
    "diabetes": "diabetes",
    "herpes": "herpes",
    "caries": "caries",
    "facies": "facies",
    "scabies": "scabies",
    "rabies": "rabies",
    "series": "series",
    "always": "always",
    "biceps": "biceps",
    "triceps": "triceps",
    "quadriceps": "quadriceps",
    "forceps": "forceps",
    "aids": "aids",
    "ageing": "aging",
    "protruding": "protrusion",
    "protruded": "protrusion",
    "protrude": "protrusion",
    "depressed": "depression",
    "absence": "absent",
    "seizing": "seizure",
}


def spell(word: str) -> str:
    """American spelling of a lower-case word (both sides are folded, so only consistency matters)."""
    if len(word) < 4:
        return word
    if "e" in word:
        if word.endswith("ae"):
            word = word[:-2] + "a"
        word = word.replace("ae", "e").replace("oe", "e") if len(word) > 4 else word
        if word.endswith("tre"):
            word = word[:-3] + "ter"
        elif word.endswith("bre"):
            word = word[:-3] + "ber"
        word = word.replace("yse", "yze") if word.endswith(("yse", "ysed")) else word
    if "our" in word and len(word) > 5:
        word = word.replace("our", "or")
    if "is" in word and len(word) > 6:
        word = re.sub(r"is(e|ed|es|ing|ation|ations)$", r"iz\1", word)
    if "ph" in word:
        word = word.replace("sulph", "sulf")
    return "gray" if word == "grey" else word


def singular(word: str) -> str:
    """Singular of a spelled word: English and Latin or Greek plurals."""
    if len(word) < 4 or word in _IRREGULAR:
        return _IRREGULAR.get(word, word)
    if word.endswith("mata"):
        return word[:-2]
    if not word.endswith("s"):
        return word[:-1] + "us" if word.endswith(("uli", "evi", "ombi", "ostomi", "bacilli")) else word
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("oses", "ases", "eses", "yses")) and not word.endswith(
        ("diseases", "noses", "cases", "bases")
    ):
        return word[:-2] + "is"
    if word.endswith(("sses", "shes", "ches", "xes", "zes")):
        return word[:-2]
    if word.endswith(("ss", "us", "is", "ys")):
        return word
    return word[:-1]


_SUFFIXES = (
    # (suffix, replacement, least length of what is left); the first that fits is applied, and only one.
    ("iencies", "ient", 3),
    ("iency", "ient", 3),
    ("ency", "ent", 3),
    ("ence", "ent", 3),
    ("ance", "ant", 3),
    ("plastic", "plas", 2),
    ("plasic", "plas", 2),
    ("plasia", "plas", 2),
    ("plasis", "plas", 2),
    ("matous", "m", 3),
    ("ocular", "ocular", 0),
    ("icular", "icl", 3),
    ("icle", "icl", 3),
    ("cular", "cl", 3),
    ("bular", "bl", 3),
    ("ble", "bl", 4),
    ("ifications", "if", 3),
    ("ification", "if", 3),
    ("ified", "if", 3),
    ("izations", "iz", 3),
    ("ization", "iz", 3),
    ("ically", "", 4),
    ("ally", "", 3),
    ("iness", "", 3),
    ("ments", "", 4),
    ("ment", "", 4),
    ("ation", "", 4),
    ("ating", "", 4),
    ("ated", "", 4),
    ("ate", "", 4),
    ("ability", "abl", 3),
    ("ibility", "ibl", 3),
    ("ities", "", 4),
    ("ity", "", 4),
    ("ness", "", 3),
    ("ptic", "ps", 3),
    ("psy", "ps", 3),
    ("lytic", "lys", 3),
    ("otic", "os", 3),
    ("osis", "os", 3),
    ("etic", "es", 3),
    ("esis", "es", 3),
    ("itic", "it", 3),
    ("itis", "it", 3),
    ("ysis", "ys", 3),
    ("ical", "", 4),
    ("ial", "", 4),
    ("ious", "", 4),
    ("eous", "", 4),
    ("ous", "", 4),
    ("ism", "", 4),
    ("ia", "", 3),
    ("ic", "", 4),
    ("al", "", 4),
    ("ary", "ar", 3),
    ("ar", "", 4),
    ("ing", "", 4),
    ("ied", "", 4),
    ("ed", "", 4),
    ("ion", "", 4),
    ("ive", "", 4),
    ("us", "", 4),
    ("um", "", 4),
    ("is", "", 4),
    ("y", "", 4),
    ("e", "", 4),
    ("a", "", 4),
)


def root(word: str) -> str:
    """Derivational root of a singular word ("ataxic" and "ataxia", "hypoplastic" and "hypoplasia")."""
    if len(word) < 5 or not word.isalpha():
        return word
    for suffix, replacement, least in _SUFFIXES:
        if word.endswith(suffix) and len(word) - len(suffix) >= least:
            word = word[: len(word) - len(suffix)] + replacement
            break
    # "webbed" and "webbing" leave "webb".
    if len(word) > 3 and word[-1] == word[-2] and word[-1] not in "aeiousl":
        word = word[:-1]
    return word


_CLASSES = """
abnormal abnormality anomaly anomalous malformation malformed defect defective
kidney renal
heart cardiac
liver hepatic
skin cutaneous dermal dermatologic dermatological
eye ocular ophthalmic ophthalmologic ophthalmological
tooth dental
lung pulmonary
stomach gastric
bone osseous bony
skeleton skeletal
face facial
nose nasal
mouth oral
limb extremity
muscle muscular
vessel vascular
intestine intestinal bowel
thorax thoracic chest
skull cranial cranium calvarial
uterus uterine
finger digit
sole plantar
palm palmar
nerve neural
genital genitalia genitals
tumor neoplasm neoplasia neoplastic
aplasia aplastic absent absence agenesis missing
increased elevated raised increase elevation
decreased reduced diminished decrease reduction low
wide broad widened broadened
impaired impairment
brow eyebrow
belly abdomen abdominal
urinary urine
ear otic aural
pinna auricular auricle
hearing auditory
schwannoma neurinoma
vestibular acoustic
cancer carcinoma
multiple numerous many
short shortened shortening shortness
1st first
2nd second
3rd third
4th fourth
5th fifth
"""


def _classes() -> dict[str, str]:
    table = {}
    for line in _CLASSES.strip().splitlines():
        words = line.split()
        for word in words:
            table[root(singular(spell(word)))] = "=" + words[0]
    return table


_CLASS_OF = _classes()


def light(word: str) -> str:
    """Spelling and number folded, nothing else."""
    return singular(spell(word))


def stem(word: str) -> str:
    """The key under which a lower-case word is matched: spelling, number, derivation and word class folded."""
    if word in _APART:
        return word + "~"
    key = root(light(word))
    return _CLASS_OF.get(key, key)
