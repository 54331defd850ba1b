"""Puts images where a prompt names them: a marker in a message's text becomes the image itself, once in a conversation.

A marker is one line, `[image NAME sha256:HEX]`. The prompt that a trace keeps has the marker, so it names the image by hash
alone; the bytes join just before the request is made. A later marker of the same image says that it was shown above.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from osler.errors import InputError
from osler.llm.types import Content, ImagePart, Message, TextPart
from osler.services import Images

_MARKER = re.compile(r"\[image ([^\]\n]{1,40}) sha256:([0-9a-f]{64})\]")


def with_images(messages: Sequence[Message], images: Images | None) -> list[Message]:
    """The messages with their markers resolved; those without markers as they are.

    Raises InputError where the bytes of a named image are not to be had.
    """
    seen: set[str] = set()
    return [_resolved(message, images, seen) for message in messages]


def _resolved(message: Message, images: Images | None, seen: set[str]) -> Message:
    text = message.content
    if not isinstance(text, str) or " sha256:" not in text or not _MARKER.search(text):
        return message
    parts: list[Content] = []
    words, place = "", 0
    for match in _MARKER.finditer(text):
        name, sha256 = match[1], match[2]
        words += text[place : match.start()]
        place = match.end()
        if sha256 in seen:
            words += f"Image {name} is shown above."
            continue
        seen.add(sha256)
        if images is None:
            raise InputError("the case has images, and nothing here holds their bytes (Services.images)")
        data, kind = images.get(sha256)
        parts += [TextPart(f"{words}Image {name}:"), ImagePart(kind, sha256, None, data)]
        words = ""
    words += text[place:]
    if not parts:
        content: str | tuple[Content, ...] = words
    else:
        content = (*parts, TextPart(words.lstrip("\n"))) if words.strip() else tuple(parts)
    return Message(message.role, content, message.tool_calls, message.tool_call_id, message.name)
