"""A document as a reader yields it, before it is cut into passages."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Document:
    """`text` is what offsets count in, exactly as it is kept. `section` names what the whole text is (a question's kind).

    `date` is YYYY, YYYY-MM or YYYY-MM-DD, or empty. `markdown` tells that lines with # are headings, `whole` that the text is
    one passage (a recommendation, which must not lose its conditions). `fields` are what else is known of it, by name.
    """

    id: str
    text: str
    title: str = ""
    source: str = ""
    section: str = ""
    date: str = ""
    url: str = ""
    markdown: bool = False
    whole: bool = False
    fields: tuple[tuple[str, str], ...] = ()

    def field(self, name: str) -> str:
        """One of `fields`; "" where it is not known."""
        return next((value for key, value in self.fields if key == name), "")
