"""A filter that a service does not know is refused: results that ignore it would be taken for what was asked."""

import pytest

from osler.errors import UsageError
from osler.knowledge.retrieval.services import lancedb_service, opensearch_service, qdrant_service
from osler.passages import Filters

FILTERS = (opensearch_service._filters, qdrant_service._must, lancedb_service._where)


@pytest.mark.parametrize("made", FILTERS, ids=lambda made: made.__module__.rsplit(".", 1)[-1])
def test_authority_and_strength_are_refused_where_they_are_not_kept(made):
    for filters in (Filters(authority="NICE"), Filters(source="NICE", strength="strong")):
        with pytest.raises(UsageError, match="keeps no authority or strength"):
            made(filters)
    assert made(Filters(source="NICE"))
