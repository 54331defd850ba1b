"""Which ids are one disease, and which diseases are one series."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osler.knowledge.merge import group_series, merge_diseases, normalise_name, series_stem, sort_key

NAMES = {
    "OMIM:154700": "Marfan syndrome",
    "ORPHA:558": "Marfan syndrome",
    "OMIM:276900": "Usher syndrome, type I",
    "ORPHA:231169": "Usher syndrome type 1",
    "OMIM:1": "Twin name",
    "OMIM:2": "Twin name",
    "ORPHA:3": "Twin name",
    "DECIPHER:5": "Other",
}


def groups(diseases):
    return [disease.ids for disease in diseases]


def test_names_merge_across_sources_where_they_identify_a_disease():
    assert groups(merge_diseases(NAMES)) == [
        ("OMIM:1",), ("OMIM:2",), ("OMIM:154700", "ORPHA:558"), ("OMIM:276900", "ORPHA:231169"),
        ("ORPHA:3",), ("DECIPHER:5",),
    ]  # fmt: skip


def test_exact_equivalents_merge_whatever_the_names():
    equivalent = {
        "OMIM:1": "MONDO:1",
        "ORPHA:3": "MONDO:1",
        "OMIM:154700": "MONDO:2",
        "DECIPHER:5": "MONDO:2",
    }
    merged = groups(merge_diseases(NAMES, equivalent))
    assert ("OMIM:1", "ORPHA:3") in merged and ("OMIM:154700", "DECIPHER:5") in merged
    assert ("ORPHA:558",) in merged  # its partner is taken by a class that does not hold it


def test_two_ids_that_mondo_keeps_apart_do_not_merge_by_name():
    equivalent = {"OMIM:154700": "MONDO:1", "ORPHA:558": "MONDO:2"}
    assert ("OMIM:154700",) in groups(merge_diseases(NAMES, equivalent))


@given(st.permutations(list(NAMES.items())))
def test_the_order_of_rows_changes_nothing(items):
    assert merge_diseases(dict(items)) == merge_diseases(NAMES)


@given(
    st.dictionaries(
        st.sampled_from([f"{p}:{i}" for p in ("OMIM", "ORPHA") for i in range(9)]), st.text(), max_size=12
    )
)
def test_every_id_is_in_exactly_one_disease(names):
    merged = merge_diseases(names)
    assert sorted(i for disease in merged for i in disease.ids) == sorted(names)
    assert all(disease.ids == tuple(sorted(disease.ids, key=sort_key)) for disease in merged)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Pancreatitis, hereditary", "Hereditary pancreatitis"),
        ("Usher syndrome, type IIA", "Usher syndrome type 2A"),
        ("Guillain-Barré syndrome", "Guillain-Barre syndrome"),
        ("Alzheimer's disease", "Alzheimer disease"),
    ],
)
def test_names_that_mean_the_same(one, other):
    assert normalise_name(one) == normalise_name(other)


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("Developmental and epileptic encephalopathy 14", "Developmental and epileptic encephalopathy"),
        ("Usher syndrome type 1B", "Usher syndrome type 1"),
        ("Usher syndrome, type 2A", "Usher syndrome, type 2"),
        ("Deafness, autosomal recessive 12", "Deafness, autosomal recessive"),
        ("Retinitis pigmentosa 41", "Retinitis pigmentosa"),
        ("Microphthalmia, syndromic 9", "Microphthalmia, syndromic"),
        ("Mucopolysaccharidosis type II", "Mucopolysaccharidosis type II"),
        ("Marfan syndrome", "Marfan syndrome"),
        ("Trisomy 21 with leukemia", "Trisomy 21 with leukemia"),
        ("17q11 microduplication", "17q11 microduplication"),
    ],
)
def test_stems_of_series(name, stem):
    assert series_stem(name) == stem


def test_subtypes_share_a_group_and_clinical_types_do_not():
    names = [
        "Usher syndrome type 1B", "Usher syndrome, type IC", "Usher syndrome type 2A", "Usher syndrome",
        "Mental retardation, autosomal dominant 5", "Intellectual developmental disorder, autosomal dominant 9",
    ]  # fmt: skip
    group, labels = group_series(names)
    assert group[0] == group[1] != group[2] != group[3] and group[4] == group[5]
    assert labels[group[0]] == "Usher syndrome type 1"
