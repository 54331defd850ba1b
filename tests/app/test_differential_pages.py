"""The differential view without a browser: how deep the list goes, any disease by its name, links that say it all."""

from __future__ import annotations

import csv
import io
import re

import pytest
from starlette.testclient import TestClient

from osler.app.main import create_app
from osler.app.settings import Settings

LINK = "/differential?present=HP:0001083&present=HP:0001166&absent=HP:0001250&age=24&sex=male"
PARTIAL = {"x-osler-partial": "1"}
MARFAN, CYSTIC_FIBROSIS = "OMIM:154700", "OMIM:219700"


@pytest.fixture(scope="module")
def app(knowledge):
    return create_app(Settings(per_minute=100_000))


@pytest.fixture
def client(app):
    made = TestClient(app, base_url="http://127.0.0.1:8080", headers={"accept": "text/html"})
    made.get(LINK)
    return made


def listed(text: str) -> int:
    return len(re.findall(r'id="open-\d+"', text))


@pytest.mark.parametrize(
    ("top", "shown", "more"), [(None, 10, 25), (25, 25, 50), (50, 50, None), (999, 50, None)]
)
def test_more_are_shown_step_by_step(client, top, shown, more) -> None:
    text = client.get("/differential", params={} if top is None else {"top": top}).text

    assert listed(text) == shown
    offered = re.search(r'id="more"[^>]+>Show (\d+)<', text)
    assert (int(offered[1]) if offered else None) == more


def test_the_link_of_a_longer_list_opens_it_elsewhere(client, app) -> None:
    text = client.get("/differential", params={"top": 25, "disease": MARFAN, "with": CYSTIC_FIBROSIS}).text
    link = re.search(r'id="link" href="([^"]+)"', text)
    assert link is not None

    other = TestClient(app, base_url="http://127.0.0.1:8080").get(link[1].replace("&amp;", "&"))

    assert listed(other.text) == 25
    assert "Marfan syndrome or Cystic fibrosis?" in other.text
    assert other.url.params["top"] == "25"


def test_any_known_disease_opens_in_its_place(client) -> None:
    text = client.get("/differential", params={"disease": CYSTIC_FIBROSIS}).text

    place = re.search(r"Place ([\d,]+) of 1\d,\d{3}\.", text)
    assert place is not None and int(place[1].replace(",", "")) > 50
    assert 'id="beyond-1"' in text
    for part in ("For and against", "Ectopia lentis", "Typical, and not mentioned", "&lt;0.1 %"):
        assert part in text


@pytest.mark.parametrize(
    ("words", "where"),
    [
        ({"find": "cystic fibrosis"}, {"disease": CYSTIC_FIBROSIS}),
        ({"find": " orpha 586 "}, {"disease": CYSTIC_FIBROSIS}),
        ({"find": "whatever is typed", "disease": MARFAN}, {"disease": MARFAN}),
        ({"find": "cystic fibrosis", "top": "25"}, {"disease": CYSTIC_FIBROSIS, "top": "25"}),
        ({"disease": MARFAN, "other": "cystic fibrosis"}, {"disease": MARFAN, "with": CYSTIC_FIBROSIS}),
        ({"disease": MARFAN, "other": "", "with": CYSTIC_FIBROSIS}, {"disease": MARFAN, "with": CYSTIC_FIBROSIS}),
        ({"find": ""}, {}),
    ],
)  # fmt: skip
def test_what_a_form_sends_becomes_the_address_of_the_disease(client, words, where) -> None:
    reply = client.get("/differential", params=words, headers=PARTIAL)

    assert reply.status_code == 200
    assert {name: value for name, value in reply.url.params.items() if name != "case"} == where


def test_words_that_name_several_diseases_are_asked_back_with_a_link_to_each(client) -> None:
    text = client.get("/differential", params={"find": "ehlers-danlos", "top": 25}).text

    assert "Which disease is “ehlers-danlos”?" in text
    link = re.search(r'<li><a class="open" href="([^"]+)"[^>]*>(Ehlers[^<]+)<', text)
    assert link is not None
    opened = client.get(link[1].replace("&amp;", "&"))
    assert f'tabindex="-1">{link[2]} <span' in opened.text
    assert opened.url.params["top"] == "25"


@pytest.mark.parametrize("words", ["qqqq xxxx", "<script>alert(1)</script>", "a" * 5_000])
def test_words_that_name_no_disease_are_said_to_name_none(client, words) -> None:
    reply = client.get("/differential", params={"find": words})

    assert reply.status_code == 200
    assert "No disease is called" in reply.text
    assert "common diseases are not among the" in reply.text
    assert "<script>alert" not in reply.text


def test_an_id_that_is_none_is_refused(client) -> None:
    reply = client.get("/differential", params={"disease": "OMIM:100000000"})

    assert reply.status_code == 400
    assert "is no disease of" in reply.text


def test_diseases_are_offered_as_they_are_typed(client) -> None:
    text = client.get("/differential/diseases", params={"q": "marf", "list": "diseases-other"}).text

    assert '<ul id="diseases-other" role="listbox" aria-label="Diseases">' in text
    assert f'data-value="{MARFAN}" data-label="Marfan syndrome"' in text
    assert (
        'id="diseases-find"' in client.get("/differential/diseases", params={"q": "m", "list": "main"}).text
    )


def test_numbers_have_a_true_minus_on_the_page_and_a_plain_one_in_the_table(client) -> None:
    for path in ("/differential?disease=OMIM:225100", "/differential/print"):
        numbers = re.findall(r'<td class="number[^"]*">([^<]+)', client.get(path).text)
        assert any(number.startswith("−") for number in numbers)
        assert not any(number.startswith("-") for number in numbers)

    table = client.get("/differential.csv").text
    assert "(-" in table
    assert "−" not in table


def test_the_table_goes_fifty_deep_whatever_is_shown(client) -> None:
    rows = list(csv.DictReader(io.StringIO(client.get("/differential.csv").text)))

    assert [row["rank"] for row in rows] == [*map(str, range(1, 51)), ""]


@pytest.mark.parametrize("view", ["case", "differential", "next", "ask"])
def test_a_link_with_one_finding_as_two_things_is_refused_as_the_api_refuses_it(client, view) -> None:
    query = {"absent": "HP:0001166", "present": ["HP:0001083", "arachnodactyly"]}

    page = client.get(f"/{view}", params=query)
    api = client.post("/api/v1/diagnose", json={**query, "absent": ["HP:0001166"]})

    assert page.status_code == api.status_code == 422
    assert "(HP:0001166) is given as present and as absent; decide which" in api.json()["detail"]
    assert "(HP:0001166) is given as present and as absent; decide which" in page.text
