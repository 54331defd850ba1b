"""Parquet by pyarrow: rows in small batches, only the columns that are used."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import IO, Any

from osler.errors import InputError, UsageError
from osler.knowledge.corpus.sources import seekable

BATCH = 500


def rows(file: IO[bytes], name: str, wanted: Collection[str]) -> Iterator[tuple[list[str], dict[str, Any]]]:
    """The names of all columns, and each row of those whose lower-case name is wanted; dates as their ISO day.

    Raises InputError for a file that is no Parquet or is damaged, UsageError where pyarrow is missing.
    """
    try:
        import pyarrow  # pyright: ignore[reportMissingImports]
        import pyarrow.parquet as parquet  # pyright: ignore[reportMissingImports]
    except ImportError:
        raise UsageError(
            f"{name}: to read Parquet, install pyarrow: pip install 'osler[documents]'"
        ) from None
    with seekable(file) as whole:
        try:
            table = parquet.ParquetFile(whole)
            there = list(table.schema_arrow.names)
            used = [column for column in there if column.lower() in wanted]
            for batch in table.iter_batches(batch_size=BATCH, columns=used) if used else ():
                for row in batch.to_pylist():
                    yield there, {key: _plain(value) for key, value in row.items()}
            if not used:
                yield there, {}
        except (pyarrow.ArrowException, OSError, ValueError) as error:
            why = str(error).splitlines()[0][:150] if str(error) else type(error).__name__
            raise InputError(f"{name} is no whole Parquet file ({why}); fetch or write it again") from None


def _plain(value: Any) -> Any:
    return value.isoformat()[:10] if hasattr(value, "isoformat") else value
