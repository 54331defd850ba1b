"""What every benchmark yields: a case for the method, and beside it what only scorers may see."""

from __future__ import annotations

from dataclasses import dataclass

from osler.case import Case


@dataclass(frozen=True)
class Reference:
    """What is right (any of `diseases`, as CURIEs) and where it was published (`publications`, as PMID CURIEs)."""

    diseases: tuple[str, ...]
    publications: tuple[str, ...] = ()


@dataclass(frozen=True)
class Item:
    """One case with its reference.

    Only `case` may reach a method. `key` names the case by its content, so that neither its file name nor its
    reference can influence how it is treated. `group` is what intervals are clustered by.
    """

    key: str
    case: Case
    reference: Reference
    group: str
    year: int | None = None
