"""Bodies, addresses and headers made up at random: never an internal error, never one that hangs, always the guard's headers."""

import io
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.app.security import HTML, client, opened

FEW = settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
PROGRAM = ["/api/v1/diagnose", "/api/v1/findings", "/api/v1/next", "/api/v1/ask", "/api/v1/calculate", "/api/v1/feedback",
           "/api/v1/jobs", "/api/v1/fhir/diagnose", "/cds-services/osler-patient-view"]  # fmt: skip
PAGES = [
    "/case",
    "/case/add",
    "/case/status",
    "/case/person",
    "/ask",
    "/notes",
    "/notes/ask",
    "/next/answer",
    "/privacy/forget",
]
NAMES = st.sampled_from(["text", "case", "present", "absent", "age", "sex", "method", "question", "options", "top", "questions",
                         "name", "inputs", "resourceType", "phenotypicFeatures", "schema_version", "findings", "entry", "kind",
                         "hook", "context", "prefetch", "cases"])  # fmt: skip
LEAVES = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**70), 2**70), st.floats(allow_nan=False, allow_infinity=False), st.text(max_size=30),
    st.sampled_from(["HP:0001250", "Bundle", "Patient", "osler.case/1", "embedded", "\ud800", "\0", "9" * 400, "../../etc/passwd"]),
)  # fmt: skip
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=5),
    max_leaves=20,
)


@pytest.fixture(scope="module")
def browser(knowledge):
    with client() as made:
        yield made


def fine(reply):
    assert reply.status_code < 500 or reply.status_code == 502, (reply.status_code, reply.text[:300])
    assert "content-security-policy" in reply.headers and "Traceback" not in reply.text


@FEW
@given(path=st.sampled_from(PROGRAM), value=st.dictionaries(NAMES, VALUES, max_size=6))
def test_objects_of_any_shape(browser, path, value):
    browser.cookies.clear()
    body = json.dumps(value).encode("utf-8", "surrogatepass")
    fine(browser.post(path, content=body, headers={"content-type": "application/json"}))


@FEW
@given(path=st.sampled_from(PROGRAM + PAGES), body=st.binary(max_size=300),
       kind=st.sampled_from(["application/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain",
                             "multipart/form-data", "application/json; charset=utf-16", ""]))  # fmt: skip
def test_bytes_of_any_kind(browser, path, body, kind):
    token = opened(browser)
    fine(browser.post(path, content=body, headers={"content-type": kind, "x-osler-csrf": token}))


@FEW
@given(path=st.sampled_from(PAGES), fields=st.dictionaries(NAMES, st.text(max_size=40), max_size=6))
def test_forms_of_any_fields(browser, path, fields):
    token = opened(browser)
    data = {name: value.encode("utf-8", "replace").decode() for name, value in fields.items()}
    fine(browser.post(path, data={"csrf": token, **data}, headers=HTML))


@FEW
@given(
    data=st.binary(max_size=400),
    head=st.sampled_from([b"", b"\x1f\x8b", b"PK\x03\x04", b"<?xml", b"{", b"\xff\xfe", b"\x1f\x8b\x08\0"]),
)
def test_files_of_any_bytes(browser, data, head):
    token = opened(browser)
    for path in ("/case", "/notes"):
        fine(
            browser.post(
                path, data={"csrf": token}, files={"file": ("x", io.BytesIO(head + data))}, headers=HTML
            )
        )


@FEW
@given(path=st.text(max_size=40), query=st.text(max_size=40))
def test_addresses_of_any_characters(browser, path, query):
    from urllib.parse import quote

    whole = f"/{quote(path.encode('utf-8', 'replace'))}?{quote(query.encode('utf-8', 'replace'), safe='=&')}"
    fine(browser.get(whole, headers=HTML))


@FEW
@given(name=st.sampled_from(["cookie", "authorization", "accept", "content-type", "idempotency-key", "last-event-id", "origin",
                             "range", "if-none-match", "accept-encoding", "x-osler-csrf", "x-osler-partial"]),
       value=st.binary(max_size=60).filter(lambda one: not set(one) & set(b"\r\n\0")))  # fmt: skip
def test_headers_of_any_bytes(browser, name, value):
    for method, path in (("GET", "/case"), ("GET", "/static/osler.css"), ("POST", "/api/v1/diagnose")):
        browser.cookies.clear()
        fine(
            browser.request(
                method,
                path,
                headers={name: value},
                **({"json": {"present": ["HP:0001250"]}} if method == "POST" else {}),
            )
        )


BOMBS = {
    "deep": b"[" * 200_000,
    "deep objects": b'{"case":' * 50_000,
    "a long number": b'{"age": ' + b"9" * 200_000 + b"}",
    "many keys": b'{"present": [' + b'"HP:0001250",' * 300_000 + b'"x"]}',
    "the same key": b"{" + b'"text":"x",' * 200_000 + b'"text":"y"}',
}


@pytest.mark.parametrize("name", BOMBS)
@pytest.mark.parametrize("path", ["/api/v1/diagnose", "/api/v1/ask", "/cds-services/osler-patient-view"])
def test_bodies_that_grow(browser, path, name):
    browser.cookies.clear()
    reply = browser.post(path, content=BOMBS[name], headers={"content-type": "application/json"})
    assert reply.status_code < 500


def _laughs():
    lines = ["resourceType: &a0 [x, x, x, x, x, x, x, x, x]"]
    return "\n".join(
        lines + [f"k{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 40)]
    ).encode()


def _packed():
    import gzip

    return gzip.compress(b"seizure " * 20_000_000, 1)


@pytest.mark.parametrize(
    "data",
    [pytest.param(_laughs, id="aliases that multiply"), pytest.param(_packed, id="a gzip bomb"),
     pytest.param(lambda: b"." * 2_000_000, id="a row of dots"),
     pytest.param(lambda: b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>', id="entities")],
)  # fmt: skip
def test_files_that_grow(browser, data):
    token = opened(browser)
    reply = browser.post(
        "/case", data={"csrf": token}, files={"file": ("x", io.BytesIO(data()))}, headers=HTML
    )
    assert reply.status_code in (303, 413, 422)
    assert "root:" not in browser.get("/case", headers=HTML).text
