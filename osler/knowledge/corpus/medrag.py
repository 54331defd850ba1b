"""The chunks of the MedRAG corpora (Xiong et al. 2024): JSON lines of `id`, `title`, `content`, `contents`.

A chunk of StatPearls has the title "Article -- Section -- Part": the first is its title, the rest its section. A corpus's
chunks lie in a folder `chunk` below the corpus's own (`textbooks/chunk/Anatomy_Gray.jsonl`), which names the source. Text is
`content`; `contents`, where it is given, repeats the title before it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from osler.knowledge.corpus.sources import Unit

_NAMES = {"statpearls": "StatPearls", "textbooks": "Textbooks", "pubmed": "PubMed", "wikipedia": "Wikipedia"}


def chunk(row: Mapping[str, Any], unit: Unit) -> dict[str, str]:
    """What a row's title and place tell beyond its columns; nothing for a row that is no chunk."""
    if not {"id", "title", "content"} <= row.keys():
        return {}
    title, *parts = str(row["title"] or "").split(" -- ")
    found = {"title": title.strip()}
    if parts:
        found["section"] = " -- ".join(part.strip() for part in parts)
    if not row.get("source") and (source := _source(unit)):
        found["source"] = source
    if not row.get("url") and str(row.get("PMID") or row.get("pmid") or "").isdigit():
        found["url"] = f"https://pubmed.ncbi.nlm.nih.gov/{row.get('PMID') or row.get('pmid')}/"
    return found


def _source(unit: Unit) -> str:
    parts = [part.lower() for part in (*unit.path.parts[:-1], *unit.name.split("/")[:-1])]
    return next((_NAMES[part] for part in reversed(parts) if part in _NAMES), "")
