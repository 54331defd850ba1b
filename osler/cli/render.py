"""Draws findings and differentials for people, as wide as the terminal. Knows nothing of how they were computed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from rich.cells import cell_len
from rich.console import Console, Group
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from osler.case import Case, Finding
from osler.diagnosis import shares

if TYPE_CHECKING:
    from osler.runtime import Diagnosis

COLOURS = {
    "present": "bold green",
    "absent": "red",
    "uncertain": "yellow",
    "family": "magenta",
    "historical": "cyan",
    "hypothetical": "blue",
}
MARKS = {
    "present": "+",
    "absent": "−",
    "uncertain": "?",
    "family": "f",
    "historical": "h",
    "hypothetical": "~",
}
# Notices that stand above the list, because they bear on whether to read it at all.
URGENT = ("emergency", "non-specific", "none-fits")
RESEARCH_LINE = "For research and education. Not a medical device; not for decisions on care."


def safe(text: str) -> str:
    """Text from a file with control characters made visible, so that it cannot drive the terminal."""
    return "".join(c if c.isprintable() or c in "\n\t" else "�" for c in text)


def bar(share: float, width: int) -> str:
    """A bar of eighth blocks for a share between 0 and 1."""
    eighths = round(max(0.0, min(1.0, share)) * width * 8)
    return ("█" * (eighths // 8) + (" ▏▎▍▌▋▊▉"[eighths % 8] if eighths % 8 else "")).ljust(width)


def percent(value: float | None) -> str:
    """A probability as people read it, empty where there is none."""
    return shares.percent(value, "")


def highlighted(case: Case) -> Text:
    """The case's text with each finding's words in the colour of its status."""
    text = Text(safe(case.text))
    for finding in case.findings:
        for span in finding.spans or ([finding.span] if finding.span else []):
            text.stylize(COLOURS[finding.status] + " underline", span.start, span.end)
    return text


def findings_table(findings: Sequence[Finding], limit: int | None = None) -> Table:
    """One row a finding: status, label, id, and the words it was read from."""
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 1), expand=True)
    table.add_column(no_wrap=True, width=13)
    table.add_column(no_wrap=True, overflow="ellipsis", ratio=3)
    table.add_column(no_wrap=True, width=11, style="dim")
    table.add_column(no_wrap=True, overflow="ellipsis", ratio=2, style="dim")
    shown = sorted(findings, key=lambda f: list(COLOURS).index(f.status))[:limit]
    for finding in shown:
        words = safe(" ".join((finding.text or "").split()))
        times = f" ×{finding.mentions}" if finding.mentions > 1 else ""
        denied = finding.status == "family" and "absent" in (finding.note or "")
        table.add_row(
            Text(f"{MARKS[finding.status]} {'not ' * denied}{finding.status}", style=COLOURS[finding.status]),
            Text(safe(finding.label)),
            finding.id,
            Text((f"“{words}”" if words else finding.source) + times),
        )
    return table


def differential(result: Diagnosis, width: int, explain: int = 3) -> Group:
    """The ranked list with bars; the first `explain` entries with what speaks for and against them."""
    rows: list[Any] = []
    top = max([c.probability or 0.0 for c in result.differential] + [result.none_fits or 0.0, 1e-9])
    bar_width = max(8, min(24, width // 4))
    for candidate in result.differential:
        line = Text(f"{candidate.rank:>3} ")
        line.append(bar((candidate.probability or 0) / top, bar_width), style="cyan")
        line.append(f" {percent(candidate.probability):>6}  ", style="bold")
        line.append(safe(candidate.name), style="bold")
        line.append(
            "  " + " ".join([candidate.id, *[x for x in candidate.xrefs if x != candidate.id]]), "dim"
        )
        line.truncate(width, overflow="ellipsis")
        rows.append(line)
        if candidate.rank <= explain:
            rows.append(Padding(_reasons(candidate, width - 8), (0, 0, 0, 8)))
    line = Text("  – ")
    line.append(bar((result.none_fits or 0) / top, bar_width), style="yellow")
    line.append(f" {percent(result.none_fits):>6}  ", style="bold")
    line.append("none of the known diseases fits")
    line.truncate(width, overflow="ellipsis")
    return Group(*rows, line)


def _reasons(candidate: Any, width: int) -> Group:
    lines = []
    if candidate.group:
        together = percent(candidate.group_probability)
        lines.append(
            Text(f"series: {safe(candidate.group)}{together and f', together {together}'}", style="dim")
        )
    for word, items, style in (
        ("for", candidate.support, "green"),
        ("against", candidate.against, "red"),
    ):
        counted = [item for item in items if abs(item.contribution) >= 0.005]
        for index, item in enumerate(counted[:4]):
            line = Text(f"{word if index == 0 else '':<8}", style=style)
            line.append(f"{item.contribution:+6.2f} ")
            line.append(("no " if item.status == "absent" else "") + safe(item.label), style="default")
            met = f"met as {safe(item.matched_label)}" if item.matched_label else ""
            cited = " ".join(item.references[: 1 if met else 2])
            tail = [part for part in (_share(item.frequency), cited, met) if part]
            if not tail and item.status == "present":
                tail = ["nothing like it in the profile"]
            if tail:
                line.append(f"  ({'; '.join(tail)})", style="dim")
            line.truncate(width, overflow="ellipsis")
            lines.append(line)
    if candidate.missing:
        names = ", ".join(
            safe(item.label) + (f" {_share(item.frequency)}" if item.frequency is not None else "")
            for item in candidate.missing[:4]
        )
        line = Text(f"{'unasked':<8}", style="yellow").append(names, style="default")
        line.truncate(width, overflow="ellipsis")
        lines.append(line)
    return Group(*lines)


def _share(frequency: float | None) -> str:
    return "" if frequency is None else f"in {frequency:.0%}".replace("%", " %")


def next_table(result: Diagnosis) -> Table:
    """What to find out next: the question, how much it would tell, what it costs."""
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 1), expand=True)
    table.add_column(justify="right", no_wrap=True)
    table.add_column(overflow="ellipsis", ratio=1)
    table.add_column(no_wrap=True, style="dim")
    table.add_column(no_wrap=True, justify="right")
    for number, question in enumerate(result.next, 1):
        table.add_row(
            f"{number}",
            safe(question.question),
            f"{question.id} {question.cost}",
            f"{question.gain:.2f} bits",
        )
    return table


def person(case: Case) -> str:
    """Age and sex in a few words."""
    age = case.demographics.age_years
    parts = []
    if age is not None:
        parts.append(
            f"{age:.0f} years" if age >= 2 else f"{age * 12:.0f} months" if age >= 0.1 else "newborn"
        )
    if case.demographics.sex:
        parts.append(case.demographics.sex)
    return ", ".join(parts) or "age and sex not stated"


def heading(console: Console, text: str, note: str = "") -> None:
    """A section heading with an optional dim note, on one line where it fits."""
    line = Text(f"\n{text}", style="bold")
    if note:
        line.append(f"  {note}", style="dim not bold")
    if cell_len(line.plain) > console.width:
        line.no_wrap = False
    console.print(line)


def diagnosis(console: Console, result: Diagnosis, title: str, explain: int) -> None:
    """The whole report: findings, differential, next questions, notices, knowledge, the research line."""
    case = result.case
    console.print(Text(f"{safe(title)} · {person(case)}", style="bold"))
    for notice in result.notices:
        if notice.code in URGENT:
            console.print(Text(f"! {safe(notice.text)}", style="bold red"))
    heading(console, "What was understood", f"{len(case.findings)} finding{'s' * (len(case.findings) != 1)}")
    console.print(findings_table(case.findings, limit=30))
    if len(case.findings) > 30:
        console.print(Text(f"… and {len(case.findings) - 30} more: osler findings shows all", style="dim"))
    unit = f"for and against in {result.score_unit}" if result.score_unit else ""
    heading(console, "Differential", unit)
    console.print(differential(result, console.width, explain))
    if result.next:
        heading(console, "What to find out next")
        console.print(next_table(result))
    footer(console, [n for n in result.notices if n.code not in URGENT], result.knowledge)


def footer(console: Console, notices: Sequence[Any], known: Any) -> None:
    """Under every differential: the notices, the knowledge used, the research line."""
    for notice in notices:
        console.print(Text(f"\n! {safe(notice.text)}", style="yellow"), soft_wrap=False)
    console.print(
        Text(
            f"\n{known.name} release {known.release}, {known.diseases:,} diseases.\n{RESEARCH_LINE}",
            style="dim",
        )
    )
