"""The reader study in process: served alone, in the order drawn, each arm with its own help, and nothing of what is right shown."""

from __future__ import annotations

import json
import re

import pytest
from starlette.testclient import TestClient

from osler.app.main import create_app
from osler.app.settings import Settings
from osler.evaluation.reader_study.making import make
from osler.evaluation.reader_study.study import Study

TEXT = "A tall woman with ectopia lentis, arachnodactyly and an aortic root aneurysm."


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))
    cases = [
        {"id": f"c{n}", "text": f"{TEXT} <script>{n}</script>", "diagnosis": "Marfan syndrome"}
        for n in range(3)
    ]
    about = {
        "name": "Toy",
        "arms": ["unassisted", "search", "model"],
        "readers": 1,
        "seed": 1,
        "cases": cases,
    }
    (tmp_path / "s.json").write_text(json.dumps(about))
    make(tmp_path / "s.json", tmp_path / "study")
    return tmp_path / "study"


@pytest.fixture
def client(folder):
    with TestClient(create_app(Settings(study=folder)), base_url="http://127.0.0.1:8080") as client:
        client.headers["accept"] = "text/html"
        yield client


def post(client, path, **form):
    token = re.search(r'name="csrf" content="([^"]+)"', client.get("/study").text)[1]
    return client.post(path, data={"csrf": token, **form})


def begin(client, folder):
    code = Study(folder).plan.readers[0].code
    assert post(client, "/study", code=code.lower()).status_code == 200
    return code


def save(client, said):
    shown = client.get("/study").text
    case, phase = (re.search(rf'name="{name}" value="([^"]*)"', shown)[1] for name in ("case", "phase"))
    return post(client, "/study/save", case=case, phase=phase, list=said, in_view="12.5")


def test_a_study_is_served_alone(client):
    assert client.get("/", follow_redirects=False).headers["location"] == "/study"
    for path in ("/case", "/ask", "/api/v1/diagnose", "/mcp", "/openapi.json"):
        reply = client.post(path) if path == "/mcp" else client.get(path)
        assert reply.status_code in (403, 404) or "diagnose" not in reply.text, path
    assert 'href="/case"' not in client.get("/study").text


def test_a_reader_lists_before_and_after_the_help_of_each_arm(client, folder):
    code = begin(client, folder)
    seen = []
    for _ in range(3):
        before = client.get("/study").text
        assert (
            "unassisted" in before and "What the model lists" not in before and 'role="search"' not in before
        )
        after = save(client, "Marfan syndrome\nHomocystinuria").text
        assert "Homocystinuria</textarea>" in after
        seen.append(("What the model lists" in after, "Search</h2>" in after))
        save(client, "Marfan syndrome")

    arms = [arm for _, arm in Study(folder).plan.plan[code]]
    assert seen == [(arm == "model", arm == "search") for arm in arms] and set(arms) == {
        "unassisted",
        "search",
        "model",
    }
    assert "All 3 cases are done" in client.get("/study").text
    [first, *_] = Study(folder).readings()
    assert first.before == ("Marfan syndrome", "Homocystinuria") and first.after == ("Marfan syndrome",)


def test_what_is_right_is_never_shown_and_text_is_text(client, folder):
    begin(client, folder)
    shown = client.get("/study").text

    assert "Marfan" not in shown and "&lt;script&gt;" in shown and "<script>0" not in shown


def test_a_reader_goes_on_later_with_the_code(client, folder):
    code = begin(client, folder)
    save(client, "Marfan syndrome")
    post(client, "/study/leave")
    assert "Your code" in client.get("/study").text

    assert post(client, "/study", code=code).status_code == 200
    assert "once more" in client.get("/study").text


def test_a_wrong_code_opens_nothing(client):
    assert post(client, "/study", code="AAAA-BBBB").status_code == 422
    assert client.get("/study/search?q=x").status_code == 400
    assert post(client, "/study/save", case="c0", phase="before", list="x").status_code == 400


def test_the_model_is_asked_once_for_all_readers(client, folder):
    code = begin(client, folder)
    study = Study(folder)
    while (task := study.task(code)).arm.help != "model":
        save(client, "x")
        save(client, "x")
        study = Study(folder)
    save(client, "x")
    [kept] = (folder / "aids").iterdir()
    made = json.loads(kept.read_text())
    made["differential"][0]["name"] = "Kept as it was"
    kept.write_text(json.dumps(made))

    assert (
        "Kept as it was" in client.get("/study").text
        and made["method"] == "embedded"
        and task.case.id in kept.name
    )


def test_a_search_outside_its_arm_is_refused(client, folder):
    begin(client, folder)

    assert client.get("/study/search?q=lens").status_code == 400


def test_without_a_study_the_view_says_how_to_make_one():
    with TestClient(create_app(Settings()), base_url="http://127.0.0.1:8080") as client:
        assert "osler study new" in client.get("/study").text


def test_an_arm_may_show_what_a_method_with_a_model_lists(tmp_path, monkeypatch):
    about = {
        "arms": [{"name": "listing", "help": "model", "method": "ranked-list", "search": True}],
        "readers": 1,
        "cases": [{"id": "c0", "text": TEXT, "diagnosis": "Marfan syndrome"}],
    }
    (tmp_path / "s.json").write_text(json.dumps(about))
    folder = make(tmp_path / "s.json", tmp_path / "study").folder
    settings = Settings(study=folder, models=("simulated:good",))
    with TestClient(create_app(settings), base_url="http://127.0.0.1:8080") as client:
        client.headers["accept"] = "text/html"
        begin(client, folder)
        after = save(client, "Marfan syndrome").text

    assert "What the model lists" in after and "By ranked-list" in after and "Search</h2>" in after
    assert len(Study(folder).aids()["listing"]["c0"]) >= 1
