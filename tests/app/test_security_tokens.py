"""Tokens, the log-in, sessions and what callers may name."""

import json

import pytest

from osler.app import allowed
from osler.app.jobs import Job
from osler.app.pages.login import onward
from osler.app.sessions import LONGEST_S, MOST_CASES, MOST_SESSIONS, Sessions
from osler.app.settings import Settings
from osler.app.tokens import Tokens
from osler.case import Case
from osler.errors import UsageError
from tests.app.security import HTML, client, csrf, opened

CASE = {"present": ["HP:0001250"]}


@pytest.fixture
def tokens(tmp_path):
    return Tokens(tmp_path / "tokens.json")


@pytest.fixture
def ward(tokens, knowledge):
    """A server that others can reach, and tokens: `write`, `read`."""
    made = {"write": tokens.add("ward"), "read": tokens.add("viewer", ("read",))}
    with client(
        "http://osler.example", host="0.0.0.0", names=("osler.example",), tokens=tokens.path
    ) as browser:
        yield browser, made


def bearer(token):
    return {"authorization": f"Bearer {token}"}


def log_in(browser, token, **more):
    page = browser.get("/login", headers=HTML).text
    return browser.post("/login", data={"csrf": csrf(page), "token": token, **more}, headers=HTML)


def test_another_token_at_the_same_browser_finds_no_case_of_the_one_before(ward, tokens):
    browser, made = ward
    log_in(browser, made["write"])
    for token, sees in ((made["write"], True), (tokens.add("second"), False)):
        page = browser.get("/case?new=true", headers=HTML).text
        if token == made["write"]:
            browser.post("/case", data={"csrf": csrf(page), "text": "Marfanoid habitus"}, headers=HTML)
        before = browser.cookies.get("osler-8080")
        page = browser.get("/case?new=true", headers=HTML).text
        reply = browser.post("/login", data={"csrf": csrf(page), "token": token}, headers=HTML)
        assert reply.status_code == 303 and browser.cookies.get("osler-8080") != before
        assert ("Marfanoid" in browser.get("/case", headers=HTML).text) is sees


# --- tokens ---------------------------------------------------------------------------------------------------------------
def test_only_hashes_are_kept_and_for_the_owner_alone(tokens):
    token = tokens.add("ward")
    assert token not in tokens.path.read_text() and tokens.path.stat().st_mode & 0o777 == 0o600
    assert tokens.known(token).name == "ward" and tokens.known(token + "x") is None


@pytest.mark.parametrize(
    ("about", "wanted"),
    [({}, False), ({"host": "::1"}, False), ({"host": "0.0.0.0"}, True), ({"host": "10.0.0.1"}, True),
     ({"names": ("osler.example",)}, True), ({"proxy": "127.0.0.1"}, True), ({"names": ("localhost",)}, False)],
)  # fmt: skip
def test_a_token_is_demanded_wherever_others_can_reach_the_server(about, wanted):
    assert Settings(**about).needs_token is wanted


def test_nothing_but_the_login_is_open(ward):
    browser, _ = ward
    assert browser.get("/login").status_code == browser.get("/healthz").status_code == 200
    for path in ("/case", "/api/v1/runs", "/openapi.json", "/privacy", "/mcp", "/cds-services", "/nowhere"):
        assert browser.get(path).status_code == 401, path
    assert browser.get("/case?age=3", headers=HTML).headers["location"] == "/login?next=%2Fcase%3Fage%3D3"


def test_scopes(ward):
    browser, token = ward
    assert browser.get("/api/v1/runs", headers=bearer(token["read"])).status_code == 200
    refused = browser.post("/api/v1/diagnose", json=CASE, headers=bearer(token["read"]))
    assert refused.status_code == 403 and "write" in refused.json()["detail"]
    assert browser.post("/api/v1/diagnose", json=CASE, headers=bearer(token["write"])).status_code == 200


def test_a_removed_token_is_worthless_at_once_also_where_a_browser_is_logged_in(ward, tokens):
    browser, token = ward
    log_in(browser, token["write"])
    assert browser.get("/case").status_code == 200
    tokens.remove("ward")
    assert browser.get("/case").status_code == 401
    assert browser.get("/api/v1/runs", headers=bearer(token["write"])).status_code == 401


def test_tokens_cannot_be_tried_without_end(ward):
    browser, token = ward
    codes = [browser.get("/api/v1/runs", headers=bearer(f"osler_{n}")).status_code for n in range(15)]
    assert codes == [401] * 10 + [429] * 5
    assert browser.get("/api/v1/runs", headers=bearer(token["read"])).status_code == 429  # not even looked at
    assert log_in(browser, token["read"]).status_code == 429


# --- the log-in -----------------------------------------------------------------------------------------------------------
def test_logging_in_renames_the_session_and_logging_out_ends_it(ward):
    browser, token = ward
    browser.get("/login", headers=HTML)
    before = browser.cookies["osler-8080"]
    assert log_in(browser, "osler_wrong").status_code == 401
    reply = log_in(browser, token["write"], next="/ask")
    after = browser.cookies["osler-8080"]
    assert (reply.status_code, reply.headers["location"]) == (303, "/ask") and after != before
    assert browser.get("/case").status_code == 200
    gone = browser.post("/logout", data={"csrf": opened(browser)})
    assert "cache" in gone.headers["clear-site-data"] and "Max-Age=0" in gone.headers["set-cookie"]
    browser.cookies.set("osler-8080", after)
    assert browser.get("/case").status_code == 401


@pytest.mark.parametrize(
    "wanted",
    ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:x", "/a\r\nb", "", "/login"],
)
def test_the_login_leads_nowhere_else(wanted):
    assert onward(wanted) == "/"


def test_the_field_for_a_token_is_masked_and_takes_what_is_pasted(ward):
    browser, _ = ward
    page = browser.get("/login", headers=HTML).text
    assert 'type="password"' in page and 'autocomplete="current-password"' in page and "onpaste" not in page


def test_a_read_token_can_log_out(ward):
    browser, token = ward
    log_in(browser, token["read"])
    data = {"csrf": opened(browser, "/privacy")}
    assert browser.post("/case/example", data=data).status_code == 403
    assert browser.post("/logout", data=data).status_code == 303


# --- sessions -------------------------------------------------------------------------------------------------------------
def test_what_is_held_is_shown_and_forgotten(knowledge):
    with client() as browser:
        token = opened(browser)
        for _ in range(2):
            case = (
                browser.post("/case/example", data={"csrf": token}).headers["location"].partition("case=")[2]
            )
            assert "characters of text" in browser.get("/privacy").text
            browser.post("/privacy/forget", data={"csrf": token, "case": case})
            assert "Nothing is held" in browser.get("/privacy").text
        browser.post("/case/example", data={"csrf": token})
        browser.post("/privacy/forget", data={"csrf": token})
        assert "Nothing is held" in browser.get("/privacy").text
        assert browser.get(f"/case?case={case}").status_code == 404


def test_sessions_rest_and_end():
    now, gone = [0.0], []
    sessions = Sessions(10, lambda: now[0], lambda session, case_id: gone.append((session.id, case_id)))
    one = sessions.begin()
    one.put(Case(id="c1", text="fever"))
    now[0] = 599
    assert sessions.find(one.id) is one
    now[0] = 1200
    assert sessions.find(one.id) is None and gone == [(one.id, None)] and not one.cases
    two = sessions.begin()
    while now[0] < LONGEST_S + 1200:
        now[0] += 500
        found = sessions.find(two.id)
    assert found is None


def test_a_session_holds_so_many_cases_and_empty_sessions_give_way_first(monkeypatch):
    sessions = Sessions(10)
    kept = sessions.begin()
    for number in range(MOST_CASES + 5):
        kept.put(Case(id=f"c{number}", text="x" * 10))
    assert len(kept.cases) == MOST_CASES and "c4" not in kept.cases
    for _ in range(MOST_SESSIONS + 5):
        sessions.begin()
    assert len(sessions) == MOST_SESSIONS and sessions.find(kept.id) is kept


def test_all_texts_together_are_bounded(monkeypatch):
    monkeypatch.setattr("osler.app.sessions.MOST_TEXT", 1_000)
    sessions = Sessions(10)
    one, two = sessions.begin(), sessions.begin()
    one.put(Case(id="a", text="x" * 600))
    two.put(Case(id="b", text="x" * 600))
    assert sessions.find(one.id) is None and sessions.find(two.id) is two


def test_jobs_are_forgotten_with_their_case(knowledge):
    with client() as browser:
        opened(browser)
        desk = browser.app.state.desk
        session = desk.sessions.find(browser.cookies["osler-8080"])
        case = session.put(Case(id="c1", text="fever")).case
        for about in ("c1", "c2"):
            desk.jobs._all[about] = Job(about, session.id, "ask", about)
        session.forget(case.id)
        assert [job.about for job in desk.jobs.of(session.id)] == ["c2"]
        desk.sessions.end(session.id)
        assert desk.jobs.of(session.id) == []


# --- what callers may name ------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("expression", "options"),
    [("./mine.py:method", {}), ("mine.py:method", {}), ("self-consistency(of=mine.py:f)", {}), ("medrek(edits=facts)", {}),
     ("medrek", {"edits": "facts"}), ("quicker(stages=out)", {}), ("medmcp-calc", {"records": "db"}), ("verify(medrek(edits=x))", {}),
     ("self-consistency", {"of": "../../x"}), ("self-consistency", {"of": "http://h"}), ("rag-aggregate", {"ks": "a.txt"}),
     ("zero-shot" * 400, {}), ("no-such-method", {})],
)  # fmt: skip
def test_methods_that_name_files_are_refused(expression, options):
    with pytest.raises(UsageError):
        allowed.method(expression, options)


@pytest.mark.parametrize(
    "expression",
    [
        "zero-shot",
        "self-consistency(medagents(rounds=3), samples=5)",
        "cascade(sure=0.8)",
        "rag-aggregate(ks=3+5)",
    ],
)
def test_methods_with_words_and_numbers_are_taken(expression):
    assert allowed.method(expression).name.startswith(expression.partition("(")[0])


def test_every_option_that_is_a_path_is_known_as_one():
    from osler import registry

    found = {part.name: allowed.file_options(part) for part in registry.parts("method")}
    assert (
        found["medrek"] == {"edits"}
        and found["quicker"] == {"stages"}
        and found["medmcp-calc"] == {"records"}
    )


@pytest.mark.parametrize("name", ["mine.py:f", "no-such", "../x"])
def test_rankers_are_those_there_are(name):
    with pytest.raises(UsageError):
        allowed.ranker(name)
    assert allowed.ranker("resnik") == "resnik"


@pytest.mark.parametrize("name", ["cohort:/etc/passwd", "searxng:http://evil.example", "../x"])
def test_corpora_are_those_of_the_server(name):
    with pytest.raises(UsageError):
        allowed.corpora(Settings(), [name])


@pytest.mark.parametrize("path", ["/api/v1/diagnose", "/api/v1/ask", "/api/v1/next"])
def test_the_api_takes_no_method_that_names_a_file(knowledge, tmp_path, path):
    (tmp_path / "mine.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')")
    with client() as browser:
        for method in (f"{tmp_path}/mine.py:f", "medrek(edits=/etc/passwd)", "quicker(stages=out)"):
            reply = browser.post(path, json={"text": "seizures", "method": method})
            assert 400 <= reply.status_code < 500, reply.text
    assert not (tmp_path / "ran").exists()


def test_runs_keep_no_replies_on_disk_and_have_a_budget(knowledge):
    with client(models=("simulated:good",), calls=7) as browser:
        setting = browser.app.state.desk.setting()
    assert setting.cache is False and setting.budget == "calls=7"
    assert json.dumps(sorted(setting.models)) == '["simulated:good"]'
