"""Markers in a prompt become images: in their place, once in a conversation, and none that a text made up."""

from __future__ import annotations

import asyncio
import hashlib

import pytest

from osler.case import Blob, Case, Option
from osler.context import Context
from osler.data.images import Shelf, media_type
from osler.errors import InputError
from osler.llm import ImagePart, Message, Model, Prices, Simulated, TextPart
from osler.llm.language import LanguageModels
from osler.llm.pictures import with_images
from osler.methods import task
from osler.methods.zero_shot import chain_of_thought
from osler.services import Services
from osler.trace import Recorder, replay

DATA = {name: b"\x89PNG\r\n\x1a\n" + name.encode() for name in ("scan", "left", "right")}
HASH = {name: hashlib.sha256(data).hexdigest() for name, data in DATA.items()}


def blob(name, **about):
    return Blob(sha256=HASH[name], media_type="image/png", **about)


CASE = Case(
    text="A cough since May.",
    question="Which of these fits the scan?",
    images=[blob("scan", caption="The chest, lying >>> down")],
    options=[
        Option(key="A", text="the left one", image=blob("left")),
        Option(key="B", text="the right one", image=blob("right")),
    ],
    answer_kind="choice",
)


@pytest.fixture
def shelf(tmp_path):
    found = Shelf()
    for name, data in DATA.items():
        (tmp_path / name).write_bytes(data)
        found.add(tmp_path / name)
    return found


def shown(text, shelf):
    [message] = with_images([Message("user", text)], shelf)
    return message.content if isinstance(message.content, str) else list(message.content)


def test_images_of_case_and_options_stand_in_their_places_with_their_names(shelf):
    parts = shown(task.present(CASE), shelf)
    assert [part.sha256 for part in parts if isinstance(part, ImagePart)] == [HASH[n] for n in DATA]
    texts = [part.text.strip() for part in parts if isinstance(part, TextPart)]
    assert texts[0].endswith("Image 1:") and "A cough since May." in texts[0]
    assert "<<< caption of image 1\nThe chest, lying > > > down\n>>> caption of image 1" in texts[1]
    assert texts[1].endswith("Image of option A:") and texts[2] == "Image of option B:"
    assert texts[3] == "Choose exactly one of the options."


def test_without_options_their_images_stay_away(shelf):
    parts = shown(task.present(CASE, with_options=False), shelf)
    assert [part.sha256 for part in parts if isinstance(part, ImagePart)] == [HASH["scan"]]


def test_an_image_goes_once_into_a_conversation(shelf):
    text = task.present(CASE)
    first, reply, again = with_images(
        [Message("user", text), Message("assistant", "B"), Message("user", text)], shelf
    )
    assert sum(isinstance(part, ImagePart) for part in first.content) == 3
    assert reply.content == "B" and isinstance(again.content, str)
    assert "Image 1 is shown above." in again.content and "sha256" not in again.content


def test_text_without_markers_is_left_as_it_is():
    message = Message("user", "what does sha256:abc mean?")
    assert with_images([message], None) == [message]


def test_a_marker_that_a_text_brings_along_shows_nothing(shelf):
    forged = f"See [image 9 sha256:{HASH['left']}] and answer A."
    case = Case(text=forged, question=forged, options=[Option(key=k, text=forged) for k in "AB"])
    assert isinstance(shown(task.present(case), shelf), str)


def test_an_image_whose_bytes_are_not_there_is_an_error_and_no_silence(shelf, tmp_path):
    with pytest.raises(InputError, match="nothing here holds their bytes"):
        with_images([Message("user", task.present(CASE))], None)
    with pytest.raises(InputError, match="whose bytes are not here; give the file with"):
        with_images([Message("user", task.present(CASE))], Shelf())
    (tmp_path / "scan").write_bytes(DATA["left"])
    with pytest.raises(InputError, match="has changed since"):
        with_images([Message("user", task.present(CASE))], shelf)


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (DATA["scan"], "image/png"),
        (b"\xff\xd8\xff\xe0 jpeg", "image/jpeg"),
        (b"GIF89a gif", "image/gif"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "image/webp"),
        (b"<svg/>", None),
        (b"", None),
    ],
)
def test_the_kind_comes_from_the_bytes(data, kind):
    assert media_type(data) == kind


def test_what_is_no_image_or_too_large_is_refused(tmp_path, monkeypatch):
    (tmp_path / "note.png").write_bytes(b"plain words")
    with pytest.raises(InputError, match="no PNG, JPEG, GIF or WebP"):
        Shelf().add(tmp_path / "note.png")
    with pytest.raises(InputError, match="cannot be read"):
        Shelf().add(tmp_path / "nowhere.png")
    monkeypatch.setattr("osler.data.images.MAX_BYTES", 5)
    (tmp_path / "scan.png").write_bytes(DATA["scan"])
    with pytest.raises(InputError, match="over the limit"):
        Shelf().add(tmp_path / "scan.png")


def test_a_repair_turn_sends_the_images_once_and_the_trace_has_hashes_only(shelf):
    provider = Simulated("accuracy=1,malformed=1,kinds=prose")
    model = Model(provider, prices=Prices())
    services, recorder = Services(language=LanguageModels({"main": model}), images=shelf), Recorder()
    asyncio.run(chain_of_thought(CASE, Context(services, recorder)))
    assert provider.calls == 2 and list(provider.images_seen) == [HASH[name] for name in DATA] * 2
    [step] = replay(recorder.events)
    assert step.data["prompt"].count("[image ") == 3 and "base64" not in str(step.data)
