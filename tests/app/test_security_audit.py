"""The audit log: who, what and when, and never what was written about a patient."""

import json
import logging
import os

import pytest

from osler.app.audit import Audit
from osler.app.tokens import Tokens
from osler.errors import SourceError
from tests.app.security import HTML, client, csrf, opened

SECRET = "Anna Meyer, born 3.4.1961, has seizures"


def lines(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def _use(browser):
    """Case text by every way in."""
    token = opened(browser)
    browser.post("/case", data={"csrf": token, "text": SECRET})
    browser.post("/case/add", data={"csrf": token, "words": SECRET, "case": ""})
    browser.post("/ask", data={"csrf": token, "question": SECRET, "method": "embedded"})
    browser.get("/case/terms", params={"q": SECRET})
    browser.get(f"/nowhere/{SECRET}")
    browser.cookies.clear()
    for route in ("diagnose", "findings", "next", "ask"):
        browser.post(f"/api/v1/{route}", json={"text": SECRET, "question": SECRET})
        browser.post(
            f"/api/v1/{route}", content=SECRET.encode(), headers={"content-type": "application/json"}
        )
        browser.post(f"/api/v1/{route}", json={"text": SECRET, SECRET: 1})


def test_a_line_says_who_what_when_and_by_which_release(tmp_path, knowledge):
    with client(audit=tmp_path / "audit.jsonl") as browser:
        browser.post("/api/v1/diagnose", json={"present": ["HP:0001250"]})
        browser.get("/static/osler.css")
    (line,) = lines(tmp_path / "audit.jsonl")
    about = {name: line[name] for name in ("who", "client", "method", "route", "status")}
    assert about == {
        "who": "local",
        "client": "testclient",
        "method": "POST",
        "route": "/api/v1/diagnose",
        "status": 200,
    }
    assert (
        line["knowledge"] == f"{knowledge.name}@{knowledge.release}"
        and line["ms"] > 0
        and line["at"].endswith("+00:00")
    )
    assert (tmp_path / "audit.jsonl").stat().st_mode & 0o777 == 0o600


def test_no_case_text_reaches_the_audit_log_or_any_other(tmp_path, knowledge, caplog, capfd):
    with caplog.at_level(logging.DEBUG), client(audit=tmp_path / "audit.jsonl") as browser:
        _use(browser)
    ours = [
        record.getMessage() for record in caplog.records if not record.name.startswith("httpx")
    ]  # the test's own client
    said = (tmp_path / "audit.jsonl").read_text() + "\n".join(ours) + "".join(capfd.readouterr())
    assert len(lines(tmp_path / "audit.jsonl")) > 12
    for word in ("Anna", "Meyer", "1961"):
        assert word not in said


def test_text_is_kept_only_where_asked_for_and_no_secret_with_it(tmp_path, knowledge):
    tokens = Tokens(tmp_path / "tokens.json")
    token = tokens.add("ward")
    with client(tokens=tokens.path, audit=tmp_path / "audit.jsonl", audit_text=True) as browser:
        page = browser.get("/login", headers=HTML).text
        browser.post("/login", data={"csrf": csrf(page), "token": token}, headers=HTML)
        own = opened(browser)
        cookie = browser.cookies["osler-8080"]
        browser.post("/case", data={"text": SECRET, "csrf": own})
        browser.post("/case", files={"csrf": (None, own), "text": (None, SECRET)})
        browser.post("/api/v1/diagnose", json={"text": SECRET}, headers={"authorization": f"Bearer {token}"})
    said = (tmp_path / "audit.jsonl").read_text()
    assert said.count("Meyer") == 3 and '"who":"ward"' in said
    for secret in (token, own, csrf(page), cookie):
        assert secret not in said


def test_refusals_are_in_the_log(tmp_path, knowledge):
    with client(audit=tmp_path / "audit.jsonl") as browser:
        browser.get("/case", headers={"host": "evil.example"})
        browser.post("/case", headers={"origin": "https://evil.example"})
        browser.post(
            "/api/v1/diagnose", content=b"x" * 11_000_000, headers={"content-type": "application/json"}
        )
    assert [line["status"] for line in lines(tmp_path / "audit.jsonl")] == [421, 403, 413]


def test_a_refused_request_is_noted_with_its_route_and_no_value_of_it(tmp_path, knowledge):
    with client(audit=tmp_path / "audit.jsonl") as browser:
        for path in ("/case", "/api/v1/corpora/SECRET/documents/x", "/nowhere"):
            browser.get(path, headers={"host": "evil.example"})
    noted = [line["route"] for line in lines(tmp_path / "audit.jsonl")]
    assert noted == ["/case", "/api/v1/corpora/{corpus}/documents/{document:path}", "(none)"]


def test_a_large_file_is_put_aside_and_none_is_lost(tmp_path):
    log = Audit(tmp_path / "audit.jsonl", most_mb=0.0005)
    for number in range(40):
        log.write(number=number)
    files = sorted(tmp_path.iterdir())
    assert len(files) > 3 and all(file.stat().st_size <= 500 for file in files)
    assert sorted(line["number"] for file in files for line in lines(file)) == list(range(40))


def test_a_file_that_was_moved_away_is_begun_anew(tmp_path):
    log = Audit(tmp_path / "audit.jsonl")
    log.write(number=1)
    (tmp_path / "audit.jsonl").rename(tmp_path / "old")
    log.write(number=2)
    assert [line["number"] for line in lines(tmp_path / "audit.jsonl")] == [2]


def test_a_log_that_cannot_be_written_is_told_once_and_breaks_no_request(
    tmp_path, knowledge, caplog, monkeypatch
):
    with client(audit=tmp_path / "audit.jsonl") as browser:
        monkeypatch.setattr(os, "write", _full)
        assert [browser.get("/privacy").status_code for _ in range(3)] == [200] * 3
        monkeypatch.undo()
        assert browser.get("/privacy").status_code == 200
    assert caplog.text.count("cannot be written") == 1 and lines(tmp_path / "audit.jsonl")


def _full(*_):
    raise OSError(28, "No space left on device")


def test_a_server_does_not_start_with_a_log_it_cannot_write(tmp_path):
    with pytest.raises(SourceError, match="--audit"):
        Audit(tmp_path / "nowhere" / "audit.jsonl").check()
