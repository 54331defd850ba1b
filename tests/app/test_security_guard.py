"""The guard: which requests pass, which are refused and how, and what every reply carries."""

import json
import logging
import re
import resource

import pytest

from osler.app.guard import Guard
from osler.app.rates import Rates, client_of
from tests.app.security import HOME, HTML, client, opened

MB = 1_000_000
CASE = {"present": ["HP:0001250"]}


@pytest.fixture(scope="module")
def browser(knowledge):
    with client() as made:
        yield made


# --- what every reply carries -------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/case", 200),
        ("GET", "/static/osler.css", 200),
        ("GET", "/openapi.json", 200),
        ("GET", "/healthz", 200),
        ("GET", "/nowhere", 404),
        ("PUT", "/case", 403),
        ("POST", "/api/v1/diagnose", 415),
        ("POST", "/case", 403),
        ("OPTIONS", "/case", 204),
    ],
)
def test_every_reply_has_a_strict_policy(browser, method, path, status):
    browser.cookies.clear()
    reply = browser.request(method, path)
    policy = reply.headers["content-security-policy"]
    assert reply.status_code == status
    assert (
        "default-src 'none'" in policy
        and "script-src 'self'" in policy
        and "frame-ancestors 'none'" in policy
    )
    assert "unsafe" not in policy and "*" not in policy
    assert reply.headers["x-content-type-options"] == "nosniff"
    assert reply.headers["referrer-policy"] == "same-origin"


def test_pages_have_no_inline_script_or_style(browser):
    for path in ("/case?new=true", "/ask", "/notes", "/calculators", "/privacy", "/runs", "/nowhere"):
        page = browser.get(path, headers=HTML).text
        assert not re.search(r"<script(?![^>]*\bsrc=)", page), path
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:", page), path


def test_what_is_not_static_is_not_kept_by_browsers(browser):
    assert browser.get("/case").headers["cache-control"] == "no-store"
    assert browser.post("/api/v1/diagnose", json=CASE).headers["cache-control"] == "no-store"


# --- names ----------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8080", "127.0.0.1.evil.example", "0.0.0.0:8080", "[::]", ""]
)
def test_another_name_is_misdirected(browser, host):
    assert browser.get("/case", headers={"host": host}).status_code == 421


@pytest.mark.parametrize("host", ["localhost:8080", "127.0.0.1", "[::1]:8080", "LOCALHOST"])
def test_names_of_this_machine_pass(browser, host):
    assert browser.get("/healthz", headers={"host": host}).status_code == 200


def test_an_open_server_answers_to_addresses_and_the_names_it_was_given(tmp_path, knowledge):
    with client(host="0.0.0.0", names=("osler.ward.example",), tokens=tmp_path / "tokens.json") as made:
        for host, status in (("osler.ward.example", 200), ("10.0.0.7:8080", 200), ("evil.example", 421)):
            assert made.get("/healthz", headers={"host": host}).status_code == status


@pytest.mark.parametrize("header", ["x-forwarded-for", "forwarded", "x-real-ip"])
def test_a_proxy_that_nobody_told_of_is_not_served_without_a_token(browser, header):
    reply = browser.get("/case", headers={header: "10.0.0.7"})
    assert reply.status_code == 421 and "--proxy" in reply.json()["detail"]


# --- changes from elsewhere (CSRF) ----------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "http://127.0.0.1:9999", "http://127.0.0.1:8080.evil.example"]
)
@pytest.mark.parametrize("path", ["/case/example", "/api/v1/diagnose"])
def test_a_change_from_another_site_is_refused(browser, path, origin):
    token = opened(browser)
    reply = browser.post(path, json=CASE, headers={"origin": origin, "x-osler-csrf": token})
    assert reply.status_code == 403 and "another site" in reply.json()["detail"]


def test_a_browser_that_says_it_was_sent_by_another_site_is_refused(browser):
    token = opened(browser)
    reply = browser.post("/case/example", data={"csrf": token}, headers={"sec-fetch-site": "cross-site"})
    assert reply.status_code == 403


@pytest.mark.parametrize("given", [None, "", "x" * 43, "\ud800"])
def test_a_change_without_the_sessions_token_is_refused(browser, given):
    opened(browser)
    data = {} if given is None else {"csrf": given.encode("utf-8", "surrogatepass").decode("latin-1")}
    assert browser.post("/case/example", data=data).status_code == 403


@pytest.mark.parametrize("how", ["field", "multipart", "header"])
def test_the_sessions_own_token_lets_a_change_pass(browser, how):
    token, own = opened(browser), {"origin": HOME}
    if how == "field":
        reply = browser.post("/case/example", data={"csrf": token}, headers=own)
    elif how == "multipart":
        reply = browser.post("/case", files={"csrf": (None, token), "text": (None, "seizures")}, headers=own)
    else:
        reply = browser.post("/case/example", headers={"x-osler-csrf": token, **own})
    assert reply.status_code == 303


def test_another_sessions_token_does_not_count(knowledge):
    with client() as one, client() as two:
        assert one.post("/case/example", data={"csrf": opened(two)}).status_code == 403


def test_the_cookie_is_kept_from_scripts_and_other_sites(knowledge):
    with client() as made:
        cookie = made.get("/case", headers=HTML).headers["set-cookie"]
        assert "HttpOnly" in cookie and "SameSite=Lax" in cookie and "Secure" not in cookie
    with client("https://127.0.0.1:8080") as made:
        reply = made.get("/case", headers=HTML)
        assert reply.headers["set-cookie"].startswith("__Host-osler-8080=")
        assert "Secure" in reply.headers["set-cookie"] and "strict-transport-security" in reply.headers


def test_programs_get_no_session(browser):
    for path in ("/api/v1/runs", "/openapi.json", "/healthz", "/static/osler.css"):
        browser.cookies.clear()
        assert "set-cookie" not in browser.get(path).headers


# --- sizes ----------------------------------------------------------------------------------------------------------------
def _pieces(megabytes):
    for _ in range(megabytes):
        yield b" " * MB


def _forms(token):
    yield b"csrf=" + token.encode() + b"&text="
    yield from _pieces(50)


@pytest.mark.parametrize("path", ["/api/v1/diagnose", "/api/v1/findings", "/case", "/notes", "/login"])
def test_fifty_megabytes_are_too_large_when_declared(browser, path):
    token, peak = opened(browser), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    headers = {"content-type": "application/json", "x-osler-csrf": token, "content-length": str(50 * MB)}
    assert browser.post(path, content=_pieces(50), headers=headers).status_code == 413
    assert (
        resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - peak < 120_000
    )  # KiB: far from what was sent and its copies


@pytest.mark.parametrize(
    "kind", ["application/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"]
)
@pytest.mark.parametrize("path", ["/api/v1/diagnose", "/case"])
def test_fifty_megabytes_are_too_large_when_they_come_in_chunks(browser, path, kind):
    token = opened(browser)
    reply = browser.post(path, content=_pieces(50), headers={"content-type": kind, "x-osler-csrf": token})
    unread = 422 if path == "/case" else 415  # refused for its kind, without a look at it
    assert reply.status_code == (413 if ("json" in kind) == path.startswith("/api") else unread)


def test_a_form_that_is_too_large_is_refused_while_its_token_is_looked_for(browser):
    token = opened(browser)
    headers = {"content-type": "application/x-www-form-urlencoded", **HTML}
    reply = browser.post("/case", content=_forms(token), headers=headers)
    assert reply.status_code == 413 and "Too large" in reply.text


def test_a_large_file_is_not_put_on_disk(browser, monkeypatch):
    import tempfile

    monkeypatch.setattr(tempfile, "TemporaryFile", None)  # what a spooled file would be put into
    token = opened(browser)
    files = {"csrf": (None, token), "file": ("x.png", b"\x89PNG" * 750_000)}
    assert browser.post("/case", files=files).status_code == 422


def test_very_many_fields_are_refused(browser):
    opened(browser)
    headers = {"content-type": "application/x-www-form-urlencoded"}
    assert browser.post("/case", content=b"a=1&" * 500_000, headers=headers).status_code == 422


@pytest.mark.parametrize("length", ["-1", "1e3", "٣", "0x10"])
def test_a_length_that_is_no_number_is_refused(browser, length):
    reply = browser.post("/api/v1/diagnose", content=b"{}", headers={"content-length": length.encode()})
    assert reply.status_code == 400


# --- rates ----------------------------------------------------------------------------------------------------------------
def test_a_client_has_so_many_requests_a_minute(knowledge):
    with client(per_minute=5) as made:
        codes = [made.get("/healthz").status_code for _ in range(7)]
    assert codes == [200] * 5 + [429] * 2


def test_rates_slide_and_tell_clients_apart():
    now = [0.0]
    rates = Rates(2, lambda: now[0])
    assert [rates.allow("a"), rates.allow("a"), rates.allow("a"), rates.allow("b")] == [
        True,
        True,
        False,
        True,
    ]
    now[0] = 75.0  # three quarters of the minute before still count
    assert rates.left("a") == pytest.approx(0.5)
    now[0] = 130.0
    assert rates.allow("a")


def test_an_ipv6_client_is_its_network_and_a_mapped_one_its_address():
    assert client_of("2001:db8::1") == client_of("2001:db8::ffff") != client_of("2001:db8:1::1")
    assert client_of("::ffff:10.0.0.7") == "10.0.0.7" and client_of(None) == "unknown"


# --- errors that nobody thought of ----------------------------------------------------------------------------------------
SECRET = "Anna Meyer has a rash"


@pytest.mark.parametrize("accept", ["text/html", "application/json"])
def test_an_unexpected_error_tells_its_type_and_place_and_none_of_its_words(knowledge, caplog, accept):
    with client() as made:

        @made.app.get("/broken")
        async def broken() -> None:
            raise ValueError(SECRET)

        with caplog.at_level(logging.DEBUG):
            reply = made.get("/broken", headers={"accept": accept})
    assert reply.status_code == 500 and "ValueError" in reply.text
    assert (
        SECRET not in reply.text and SECRET not in caplog.text and "Traceback" not in reply.text + caplog.text
    )
    assert "test_security_guard.py" in caplog.text and "test_security_guard.py" not in reply.text
    assert "content-security-policy" in reply.headers


def test_websockets_are_refused(browser):
    from starlette.websockets import WebSocketDisconnect

    with pytest.raises(WebSocketDisconnect), browser.websocket_connect("/case"):
        pass


@pytest.mark.parametrize("method", ["TRACE", "CONNECT", "PROPFIND", "PATCH"])
def test_methods_that_a_path_does_not_take_are_refused(browser, method):
    assert browser.request(method, "/privacy").status_code in (403, 405)


def test_a_method_is_not_taken_from_a_header_or_a_field(browser):
    headers = {"x-http-method-override": "POST", "x-method-override": "DELETE"}
    assert browser.get("/privacy/forget?_method=POST", headers=headers).status_code == 405


@pytest.mark.parametrize(
    "path",
    ["/static/../main.py", "/static/%2e%2e/main.py", "/static/..%2fmain.py", "/static//etc/passwd", "/static/%00", "/static/…",
     "/api/v1/runs/..%2f..%2fetc", "/api/v1/runs/%2e%2e", "/runs/..%2f..%2fetc%2fpasswd", "/api/v1/runs/a%00b"],
)  # fmt: skip
def test_paths_do_not_lead_out(tmp_path, knowledge, path):
    (tmp_path / "runs").mkdir()
    with client(runs=tmp_path / "runs") as made:
        reply = made.get(path)
    assert reply.status_code in (400, 404) and "root:" not in reply.text and "import" not in reply.text


@pytest.mark.parametrize("name", ['x"\r\nset-cookie: a=b', "../../x", "a;b\n", "naïve 名", "." * 5, ""])
def test_file_names_of_exports_stay_within_their_header(browser, name):
    token = opened(browser)
    case = {
        "schema_version": "osler.case/1",
        "id": name,
        "text": "",
        "findings": [{"term": {"id": "HP:0001250"}}],
    }
    reply = browser.post("/case", files={"csrf": (None, token), "text": (None, json.dumps(case))})
    assert reply.status_code in (303, 422)
    for path in ("/case/phenopacket.json", "/differential.csv", "/differential.fhir.json"):
        found = browser.get(path)
        assert found.status_code < 500 and "a=b" not in found.headers.get("set-cookie", "")
        assert re.fullmatch(
            r'(attachment; filename="[\w.@+-]+")?', found.headers.get("content-disposition", "")
        ), path


def test_the_guard_is_outermost(browser):
    assert browser.app.user_middleware[0].cls is Guard


def test_a_program_with_a_jar_of_cookies_may_post_json_and_a_form_may_not(browser):
    browser.get("/case?new=true", headers=HTML)
    assert browser.cookies
    assert browser.post("/api/v1/diagnose", json=CASE).status_code == 200
    plain = {"content-type": "text/plain"}
    assert browser.post("/api/v1/diagnose", content="{}", headers=plain).status_code == 403
    for away in ({"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"}):
        assert browser.post("/api/v1/diagnose", json=CASE, headers=away).status_code == 403


def test_a_session_needs_its_token_for_forms_and_not_for_json_to_the_api(knowledge):
    with client() as browser:
        opened(browser)  # now it has a cookie
        job = {"kind": "diagnose", "cases": [{"text": "fever"}]}
        begun = browser.post("/api/v1/jobs", json=job)
        assert begun.status_code == 202
        assert browser.delete(begun.headers["location"]).status_code == 200
        call = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}
        accepts = {"accept": "application/json, text/event-stream", "mcp-protocol-version": "2025-06-18"}
        card = "/cds-services/osler-patient-view"
        assert browser.post("/mcp", json=call, headers=accepts).status_code == 403
        assert browser.post(card, json={}).status_code == 403
        assert browser.post("/api/v1/findings", content=b"text=x").status_code == 403
        browser.cookies.clear()  # as a program, which has none
        assert browser.post("/mcp", json=call, headers=accepts).status_code == 200
        assert browser.post(card, json={}).status_code == 422
