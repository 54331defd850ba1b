"""The explorer: a map of a corpus or a run to move about in, coloured by a field, searched, and cut out by lasso into a list.

Points go to the page as bytes, in the order of the map's levels; all lists are made here, of the same map. A link holds what is shown, the
colour, the place, the search and the lasso, so that it gives the same view again.
"""

from __future__ import annotations

import asyncio
import threading
from typing import Any
from urllib.parse import urlencode

import numpy as np
from fastapi import APIRouter, Request
from fastapi.responses import Response

from osler.app import atlases
from osler.app.atlases import Shown
from osler.app.csv_reply import csv_reply
from osler.app.failures import whole
from osler.app.jobs import Job
from osler.app.pages.rendering import back, desk_of, fragments, is_partial, page, session_of
from osler.errors import Missing, UsageError
from osler.knowledge.atlas.atlas import LEVELS, SIDE, inside, within

router = APIRouter()
COLOURS, LEGEND = 16, 60
_LISTED, _IN_SIGHT, _READ, _MOST_CSV, _WORDS = 40, 25, 100, 20_000, 160


@router.get("/explorer")
async def show(request: Request, of: str = "", colour: str = "", q: str = "", lasso: str = "") -> Response:
    """The map, or the list of what can be shown on one."""
    desk = desk_of(request)
    if not of:
        found = await desk.compute_long(atlases.offered, desk)
        return page(request, "explorer_choose.html", found=found, making=_making(request))
    opened = await desk.compute_long(atlases.shown, desk, of)
    if opened is None:
        return page(request, "explorer_make.html", of=of, making=_making(request), fits=True)
    about = await desk.compute_long(_about, desk, opened, q[:300], lasso)
    if is_partial(request):
        return fragments(request, "_explorer_list.html", **about)
    box = _box(request)
    about |= _legend(opened, colour) | {"sight": await desk.compute(_sight, opened, box)}
    about |= {"view": {name: request.query_params.get(name, "") for name in ("x", "y", "zoom")}}
    about |= {"making": _making(request)}
    return page(request, "explorer.html", **about)


@router.get("/explorer/points.bin")
async def points(request: Request, of: str) -> Response:
    """Places of all points: uint16 x of each, then uint16 y of each, little-endian."""
    opened = await _opened(request, of)
    data = np.ascontiguousarray(opened.atlas.places.T, "<u2").tobytes()
    return Response(data, media_type="application/octet-stream")


@router.get("/explorer/field.bin")
async def field(request: Request, of: str, colour: str) -> Response:
    """The colour of each point by a field: 0 for none and rare values, else the place of its value in the legend."""
    opened = await _opened(request, of)
    codes = opened.atlas.codes.get(colour)
    if codes is None:
        raise UsageError(f"this map has no field {colour[:80]!r}")
    return Response(codes.tobytes(), media_type="application/octet-stream")


@router.get("/explorer/hits.bin")
async def hits(request: Request, of: str, q: str = "") -> Response:
    """The points that a search finds, best first: uint32 places in the order of the map."""
    opened = await _opened(request, of)
    found = await desk_of(request).compute_long(_hits, desk_of(request), opened, q[:300])
    return Response(found.astype("<u4").tobytes(), media_type="application/octet-stream")


@router.get("/explorer/sight")
async def sight(request: Request, of: str) -> Response:
    """A table of what lies in a rectangle of the map, for those who do not see the picture."""
    opened = await _opened(request, of)
    box = _box(request)
    found = await desk_of(request).compute(_sight, opened, box)
    return fragments(request, "_explorer_sight.html", sight=found, fields=opened.atlas.fields)


@router.get("/explorer/list.csv")
async def list_csv(request: Request, of: str, q: str = "", lasso: str = "") -> Response:
    """The list as a table: number, title, the map's fields, place on the map, address, words."""
    opened = await _opened(request, of)
    places, _ = await desk_of(request).compute_long(_chosen, desk_of(request), opened, q[:300], lasso)
    names = [one.name for one in opened.atlas.fields]
    rows = (
        (one.number, one.title, *one.values, *one.place, one.href, one.text)
        for place in places[:_MOST_CSV].tolist()
        for one in opened.points([place])
    )
    return csv_reply("list.csv", ["number", "title", *names, "x", "y", "address", "text"], rows)


@router.get("/explorer/read")
async def read(request: Request, of: str, q: str = "", lasso: str = "") -> Response:
    """The list with its words, to be read or printed."""
    opened = await _opened(request, of)
    places, told = await desk_of(request).compute_long(_chosen, desk_of(request), opened, q[:300], lasso)
    rows = await desk_of(request).compute(opened.points, places[:_READ])
    query = urlencode({"of": of, "q": q[:300], "lasso": lasso})
    return page(request, "explorer_read.html", rows=rows, count=len(places), told=told, query=query)


@router.post("/explorer/make")
async def make(request: Request) -> Response:
    """Begin to make a map; it goes on while the page is left."""
    form = await request.form(max_files=0, max_fields=4)
    of, desk, session = str(form.get("of") or ""), desk_of(request), session_of(request)
    if not any(one.of == of for one in await desk.compute_long(atlases.offered, desk)):
        raise UsageError(f"this server has no {of[:80]!r} to show on a map")
    if (job := _making(request)) is None or job.state != "running":
        stop = threading.Event()
        job = desk.jobs.begin(session.id, f"map {of}", lambda job: _make(request, job, of, stop))
        session.kept["map"] = job.id
    return back(request, "/explorer", of=of)


@router.get("/explorer/making")
async def making(request: Request, of: str = "") -> Response:
    """How far the map is."""
    return fragments(request, "_explorer_making.html", of=of, making=_making(request))


@router.post("/explorer/stop")
async def stop(request: Request) -> Response:
    """Give up the map that is being made."""
    form = await request.form(max_files=0, max_fields=4)
    if (job := _making(request)) is not None:
        desk_of(request).jobs.cancel(job)
    session_of(request).kept.pop("map", None)
    return back(request, "/explorer", of=str(form.get("of") or "") or None)


async def _make(request: Request, job: Job, of: str, stop: threading.Event) -> None:
    desk = desk_of(request)
    tell = desk.jobs.teller(job)
    watch = atlases.watched(lambda text, share: tell("progress", {"text": text, "share": share}), stop)
    try:
        await desk.compute_apart(atlases.make, desk, of, watch)
    except asyncio.CancelledError:
        stop.set()
        raise


def _making(request: Request) -> Job | None:
    session, job_id = session_of(request), session_of(request).kept.get("map")
    try:
        return desk_of(request).jobs.get(job_id, session.id) if job_id else None
    except UsageError:
        return None


async def _opened(request: Request, of: str) -> Shown:
    opened = await desk_of(request).compute_long(atlases.shown, desk_of(request), of)
    if opened is None:
        raise Missing(f"there is no map of {of[:80]!r} yet; make it first")
    return opened


def _hits(desk: Any, opened: Shown, q: str) -> np.ndarray:
    with whole("what this map is of"):
        return atlases.hits(desk, opened, q)


def _chosen(desk: Any, opened: Shown, q: str, lasso: str) -> tuple[np.ndarray, str]:
    """The places of a list and what it is of, in words: within a lasso, found by a search, or both."""
    if lasso:
        places = inside(opened.atlas, atlases.corners(lasso))
        if q:
            found = _hits(desk, opened, q)
            return found[np.isin(found, places)], f"with “{q}” within the lasso"
        return places, "within the lasso"
    return _hits(desk, opened, q), f"with “{q}”"


def _about(desk: Any, opened: Shown, q: str, lasso: str) -> dict[str, Any]:
    places, told = _chosen(desk, opened, q, lasso) if q or lasso else (np.zeros(0, np.int64), "")
    atlas = opened.atlas
    return {
        "of": opened.of, "about": atlas.about, "count": len(places), "told": told, "rows": opened.points(places[:_LISTED]),
        "q": q, "lasso": lasso, "query": urlencode({"of": opened.of, "q": q, "lasso": lasso}), "fields": atlas.fields,
        "words": _WORDS, "fits": opened.fits, "most_csv": _MOST_CSV, "most_read": _READ,
    }  # fmt: skip


def _legend(opened: Shown, colour: str) -> dict[str, Any]:
    """The field that colours the map, and what the script needs to draw it."""
    atlas = opened.atlas
    names = [one.name for one in atlas.fields]
    chosen = colour if colour in names else str(atlas.about.get("colour") or "")
    found = atlas.field(chosen) or (atlas.fields[0] if atlas.fields else None)
    values = list(enumerate(zip(found.values, found.counts, strict=True), 1))[:LEGEND] if found else []
    drawn = {
        "of": opened.of, "n": len(atlas), "side": SIDE, "ends": atlas.ends, "levels": LEVELS, "colour": found.name if found else "",
        "names": list(found.values[:COLOURS]) if found else [], "colours": COLOURS,
    }  # fmt: skip
    return {"colour": found, "values": values, "drawn": drawn, "colours": COLOURS}


def _box(request: Request) -> tuple[float, float, float, float]:
    """The rectangle in sight, `box`=left.top.right.bottom; the whole map where none is given."""
    try:
        left, top, right, bottom = (float(int(one)) for one in request.query_params["box"].split("."))
    except (KeyError, ValueError):
        return 0.0, 0.0, float(SIDE), float(SIDE)
    return left, top, right, bottom


def _sight(opened: Shown, box: tuple[float, float, float, float]) -> dict[str, Any]:
    places = within(opened.atlas, box)
    return {"count": len(places), "rows": opened.points(places[:_IN_SIGHT])}


@router.get("/explorer/point")
async def point(request: Request, of: str, n: int) -> Response:
    """What one point is; `n` is its place in the order of the map."""
    opened = await _opened(request, of)
    if not 0 <= n < len(opened.atlas):
        raise Missing("there is no such point")
    [one] = await desk_of(request).compute(opened.points, [n])
    return fragments(request, "_explorer_point.html", one=one)
