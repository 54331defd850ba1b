"""How pages are made: templates, escaped always; fragments for partial updates; and the form token of each session."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from osler import __version__
from osler.app.desk import Desk
from osler.app.sessions import Held, Session
from osler.app.svg_caption import NOTICE
from osler.diagnosis.shares import percent, signed
from osler.graphs import path_words

HERE = Path(__file__).resolve().parent.parent
PARTIAL = "x-osler-partial"
# The views of the page in the order of the navigation: path and name.
VIEWS = (
    ("/case", "Case"),
    ("/differential", "Differential"),
    ("/next", "Next"),
    ("/ask", "Ask"),
    ("/notes", "Notes"),
    ("/calculators", "Calculators"),
    ("/runs", "Runs"),
    ("/debugger", "Debugger"),
    ("/explorer", "Explorer"),
    ("/study", "Study"),
)
# Addresses beside the views, and the view that leads to them.
WITHIN = {"/passage": "/ask", "/compare-models": "/runs"}
# What stands above an error where the words that programs get would tell a person little.
HEADINGS = {400: "That cannot be done", 422: "That cannot be read"}

_templates = Environment(
    loader=FileSystemLoader(HERE / "templates"),
    autoescape=select_autoescape(default=True, default_for_string=True),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_templates.globals.update(views=VIEWS, version=__version__, urlencode=urlencode)
# The last line below every saved picture.
_templates.globals["picture_notice"] = f"{NOTICE} Osler {__version__}."


def shortened(text: object, most: int, lines: bool = False) -> str:
    """Text of at most so many characters, on one line unless its lines are kept."""
    words = str(text).strip() if lines else " ".join(str(text).split())
    return words if len(words) <= most else f"{words[: most - 2].rstrip()} …"


def counted(number: int, thing: str, things: str = "") -> str:
    """A number of things in words: 1 call, 2 calls, 1,000 calls."""
    return f"{number:,} {thing if number == 1 else things or thing + 's'}"


_templates.filters.update(counted=counted, percent=percent, shortened=shortened, signed=signed)
_templates.filters["path_words"] = lambda text: path_words(str(text or ""))
# A frequency may well be all or none.
_templates.filters["share"] = lambda value: "–" if value is None else f"{100 * value:.0f} %"


def desk_of(request: Request) -> Desk:
    """The server's desk."""
    return request.app.state.desk


def session_of(request: Request) -> Session:
    """The caller's session; the guard began it before the route was reached."""
    return request.state.session


def held_case(request: Request, case_id: str | None = None) -> Held | None:
    """The case that a page is about: the one named, else the newest of the session; None where there is none.

    Raises UsageError where the one named is not held any more.
    """
    session = session_of(request)
    if case_id:
        return session.get(case_id)
    return next(reversed(session.cases.values()), None)


def is_partial(request: Request) -> bool:
    """Whether the page's script asks for fragments alone."""
    return PARTIAL in request.headers


def page(request: Request, template: str, status: int = 200, **about: Any) -> HTMLResponse:
    """A whole page from a template that extends `base.html`."""
    return HTMLResponse(_render(request, template, about), status)


def fragments(request: Request, *templates: str, status: int = 200, **about: Any) -> HTMLResponse:
    """Parts of a page; each top-level element replaces the element of the same id."""
    return HTMLResponse("\n".join(_render(request, name, about) for name in templates), status)


def rendered(request: Request, template: str, **about: Any) -> str:
    """A template as HTML, for what is sent within something else (an event of a stream)."""
    return _render(request, template, about)


def back(request: Request, path: str, **query: Any) -> Response:
    """To a page after a change, for a browser without script."""
    words = urlencode({name: value for name, value in query.items() if value is not None}, doseq=True)
    return RedirectResponse(f"{path}?{words}" if words else path, 303)


def error_page(request: Request, status: int, detail: str) -> HTMLResponse:
    """What a person sees where a page cannot be shown."""
    from osler.app.problems import TITLES

    if is_partial(request):
        return fragments(request, "_error.html", status=status, detail=detail)
    title = HEADINGS.get(status) or TITLES.get(status, "Error")
    return page(
        request, "error.html", status, title=title, detail=detail, came_from=_view_of(request.url.path)
    )


def _view_of(path: str) -> tuple[str, str]:
    """The view that an address belongs to: its path and name; the first one where it belongs to none."""
    place = WITHIN.get(path, path)
    return next(
        (view for view in VIEWS if place == view[0] or place.startswith((f"{view[0]}/", f"{view[0]}."))),
        VIEWS[0],
    )


def _render(request: Request, template: str, about: dict[str, Any]) -> str:
    session = getattr(request.state, "session", None)
    common = {"request": request, "csrf": session.csrf if session else "", "path": request.url.path}
    if desk_of(request).settings.study is not None:  # a study is served alone
        common["views"] = (("/study", "Study"),)
    return _templates.get_template(template).render(**common, **about)
