"""A server with two models: methods take the main one, and roles that they do not have are left to other views."""

import json

import pytest

from osler.llm.able import of_roles
from tests.app.security import HTML, client, csrf

MODELS = ("simulated:good", "other=simulated:weak")


@pytest.fixture(scope="module")
def browser(knowledge):
    with client(models=MODELS) as made:
        yield made


def test_a_method_is_given_the_roles_that_it_has_alone():
    assert of_roles((), MODELS) == ("simulated:good",)
    assert set(of_roles(("other",), MODELS)) == set(MODELS)
    assert of_roles(None, MODELS) == MODELS  # a user's own method that does not say


def test_the_api_answers_with_the_main_model(browser):
    asked = {"question": "What is the diagnosis?", "method": "zero-shot-cot", "stream": False}
    reply = browser.post("/api/v1/ask", json=asked)
    assert reply.status_code == 200
    assert reply.json()["model"] == "simulated:good"


def test_the_ask_view_runs_and_the_comparison_has_both(browser):
    token = csrf(browser.get("/ask", headers=HTML).text)
    sent = browser.post(
        "/ask", data={"csrf": token, "question": "What is it?", "method": "zero-shot-cot"}, headers=HTML
    )
    assert sent.status_code == 303 and "job=" in sent.headers["location"]
    page = browser.get("/compare-models", headers=HTML).text
    assert "simulated:weak" in page


def test_the_methods_reply_names_both(browser):
    assert json.loads(browser.get("/api/v1/methods").text)["models"] == list(MODELS)


def test_an_unknown_method_in_a_link_is_said(browser):
    assert "No method is called “nosuch”" in browser.get("/ask?method=nosuch", headers=HTML).text
    assert "No method is called" not in browser.get("/ask?method=zero-shot", headers=HTML).text
