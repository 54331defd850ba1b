"""The calculators view: found by words, filled from a case, worked out with its band, and kept in the session alone."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

from osler.app.calculations import sheet, work
from osler.app.main import create_app
from osler.app.settings import Settings
from osler.calculators import calculators, get
from osler.case import Case
from osler.findings.reader import read_case

PARTIAL = {"x-osler-partial": "1"}


@pytest.fixture(scope="module")
def app(knowledge: Any) -> Iterator[Any]:
    made = create_app(Settings())
    with TestClient(made, base_url="http://127.0.0.1:8080"):
        yield made


@pytest.fixture
def client(app: Any) -> TestClient:
    made = TestClient(app, base_url="http://127.0.0.1:8080", headers={"accept": "text/html"})
    token = re.search(r'name="csrf" content="([^"]+)"', made.get("/calculators").text)
    assert token is not None
    made.headers["x-osler-csrf"] = token[1]
    return made


def test_words_find_a_calculator(client) -> None:
    page = client.get("/calculators", params={"q": "stroke risk in atrial fibrillation"}).text

    assert page.index("/calculators/cha2ds2-vasc") < page.index("/calculators/has-bled")


def test_a_result_shows_its_band_among_the_others_and_its_equation(client) -> None:
    given = {"weight": "150", "weight.unit": "[lb_av]", "height": "1.78", "height.unit": "m"}
    page = client.post("/calculators/bmi", data=given, headers=PARTIAL).text

    assert "21.5 kg/m²" in page
    here = re.search(r'<tr class="here".*?</tr>', page)
    assert here is not None and "normal range" in here[0]
    assert "(178 ÷ 100)^2" in page and "150 lb = 68.04 kg" in page


def test_results_on_the_way_are_shown(client) -> None:
    link = "/calculators/cockcroft-gault?creatinine=1.4+mg/dL&age=67&sex=female&weight=70+kg&height=160+cm"
    page = client.get(link).text

    assert "36.6 mL/min" in page
    assert "45.5 + 2.3 × (160 ÷ 2.54 − 60) = 52.4 kg" in page  # the ideal body weight, worked out on the way


def test_a_link_holds_the_values_and_reproduces_the_result(client) -> None:
    given = {"weight": "70", "weight.unit": "kg", "height": "175", "height.unit": "cm"}
    page = client.post("/calculators/bmi", data=given).text
    link = re.search(r'href="(/calculators/bmi\?weight[^"]+)">Link', page)
    assert link is not None

    again = client.get(link[1].replace("&amp;", "&")).text

    assert "22.9 kg/m²" in again and 'value="70"' in again


def test_a_unit_is_asked_for_and_not_guessed(client) -> None:
    page = client.post("/calculators/bmi", data={"weight": "70", "height": "175 cm"}, headers=PARTIAL).text

    assert "which unit?" in page and "kg/m²" not in page


def test_what_is_missing_leads_to_its_field(client) -> None:
    page = client.post("/calculators/bmi", data={"weight": "70 kg"}).text

    assert "Still needed: Body height" in page
    assert '<a href="#in-height">' in page and 'id="in-height"' in page


def test_the_history_is_saved_as_a_table_and_forgotten(client) -> None:
    client.post("/calculators/bmi", data={"weight": "70 kg", "height": "175 cm"})
    rows = list(csv.DictReader(io.StringIO(client.get("/calculators/history.csv").text)))
    assert [(row["calculator"], row["result"], row["inputs"]) for row in rows] == [
        ("bmi", "22.9 kg/m²", "weight=70 kg; height=175 cm")
    ]

    client.post("/calculators/history/forget")

    assert list(csv.DictReader(io.StringIO(client.get("/calculators/history.csv").text))) == []


def test_another_browser_does_not_see_the_history(client, app) -> None:
    client.post("/calculators/bmi", data={"weight": "71 kg", "height": "175 cm"})

    other = TestClient(app, base_url="http://127.0.0.1:8080", headers={"accept": "text/html"})

    assert "71 kg" not in other.get("/calculators").text


def test_the_case_in_work_fills_the_form(client) -> None:
    client.post("/case/example")
    page = client.get("/calculators/bmi?fill=true").text

    assert "2 of 2 inputs" in page and 'value="71"' in page and 'value="196"' in page


def test_a_filled_value_keeps_its_source_until_it_is_changed() -> None:
    case = read_case(b"A 40-year-old woman. Weight 71 kg, height 196 cm.")
    filled = sheet(get("bmi"), {}, case).typed
    assert filled == {"weight": "71 kg", "height": "196 cm"}

    made = sheet(get("bmi"), {"weight": "75 kg", "height": "196 cm"}, case, take=False)
    work(made)

    assert made.result is not None
    assert made.result.used["weight"].source == "user"
    assert made.result.used["height"].source != "user" and made.result.used["height"].why


def test_what_was_emptied_by_hand_is_not_filled_again() -> None:
    case = read_case(b"A 40-year-old woman. Weight 71 kg, height 196 cm.")
    made = sheet(get("bmi"), {"weight": "71 kg", "height": ""}, case, take=False)
    work(made)

    assert made.result is None and set(made.missing) == {"height"}


@pytest.mark.parametrize(
    "hostile", ["<script>alert(1)</script>", "=cmd|' /C calc'!A0", "9" * 5000, "\x00", "٣"]
)
def test_hostile_values_are_shown_as_words(client, hostile: str) -> None:
    reply = client.post("/calculators/bmi", data={"weight": hostile, "height": "175 cm"})

    assert reply.status_code == 200 and "<script>alert" not in reply.text


def test_every_calculator_has_a_page_with_a_field_for_each_input(client) -> None:
    wrong = []
    for one in calculators():
        page = client.get(f"/calculators/{one.name}").text
        wrong += [(one.name, asked.name) for asked in one.inputs if f'name="{asked.name}"' not in page]
    assert not wrong


def test_an_unknown_calculator_is_told_with_what_is_near(client) -> None:
    reply = client.get("/calculators/bmmi")

    assert reply.status_code == 404 and "did you mean" in reply.text
    assert 'href="/calculators">Back to Calculators</a>' in reply.text


def test_an_empty_case_fills_nothing() -> None:
    assert sheet(get("bmi"), {}, Case()).typed == {}
