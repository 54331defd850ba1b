"""What every benchmark yields: a case for the method, and beside it what only scorers may see."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

from osler.case import Case, opaque_id
from osler.services import Example


@dataclass(frozen=True)
class Reference:
    """What is right (any of `diseases`, as CURIEs) and where it was published (`publications`, as PMID CURIEs)."""

    diseases: tuple[str, ...]
    publications: tuple[str, ...] = ()


R = TypeVar("R")


@dataclass(frozen=True)
class Item(Generic[R]):
    """One case with its reference, which is a frozen class such as `Reference` or those of `osler.scoring.references`.

    Only `case` may reach a method. `key` names the case by its content, so that neither its file name nor its
    reference can influence how it is treated. `group` is what intervals are clustered by. `subset` is the set or task the
    case belongs to; `tags` (specialty, body system, …) are for breakdowns of results.
    """

    key: str
    case: Case
    reference: R
    group: str
    year: int | None = None
    subset: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)


class Benchmark(Protocol):
    """What a registered benchmark offers to a run. `items` streams and raises InputError that names file and row."""

    @staticmethod
    def items(path: Path, *, subset: str | None = None, split: str | None = None) -> Iterator[Item[Any]]:
        """The items in the published order; all subsets without `subset`, the published test split without `split`."""
        ...

    @staticmethod
    def subsets(path: Path) -> list[str]:
        """The names that `subset` takes for this data."""
        ...

    @staticmethod
    def examples(path: Path, *, subset: str | None = None) -> list[Example]:
        """Solved cases of the training split, for few-shot pools. Raises InputError where the data has none."""
        ...


def distinct(items: Iterable[Item[R]]) -> Iterator[Item[R]]:
    """The items with unique keys: the same case met again gets a key made of the first and its number."""
    seen: dict[str, int] = {}
    for item in items:
        number = seen[item.key] = seen.get(item.key, 0) + 1
        if number > 1:
            key = opaque_id(item.key, str(number))
            item = replace(item, key=key, case=item.case.model_copy(update={"id": key}))
        yield item
