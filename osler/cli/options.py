"""Options that several commands take, each written once: what it is called, what it takes, and its help line."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

_MANY, _LARGEST_SEED = 10**9, 2**63 - 1


def _a_number(value: float | None) -> float | None:
    """Refuses `nan`, which is within every range."""
    if value is not None and value != value:
        raise typer.BadParameter("nan is not a number")
    return value


# --- The case ---------------------------------------------------------------------------------------------------------
CaseFiles = Annotated[
    list[str] | None,
    typer.Argument(metavar="FILE…", help="Text, phenopacket, FHIR or case JSON; a folder; - for stdin."),
]
Present = Annotated[
    list[str] | None,
    typer.Option("--present", metavar="HP:…|NAME", help="A finding that is there (repeat)."),
]
Absent = Annotated[
    list[str] | None,
    typer.Option("--absent", metavar="HP:…|NAME", help="A finding that is not there (repeat)."),
]
Age = Annotated[float | None, typer.Option(help="Age in years.")]
Sex = Annotated[str | None, typer.Option(help="male, female or other.")]
Knowledge = Annotated[str, typer.Option(help="hpo, hpo@RELEASE, ddxplus, or hpo+ddxplus.")]
Top = Annotated[int, typer.Option(min=1, max=1000, help="How many diseases to show.")]

# --- The method and its models ----------------------------------------------------------------------------------------
Method = Annotated[str, typer.Option(help="`osler list methods` shows them.")]
MethodOption = Annotated[
    list[str] | None,
    typer.Option("-m", "--option", metavar="NAME=VALUE", help="An option of the method (repeat)."),
]
Models = Annotated[
    list[str] | None,
    typer.Option(
        help="openai:NAME, hf:PATH, simulated:PROFILE …; ROLE=MODEL for a role of the method (repeat)."
    ),
]
BaseUrl = Annotated[str | None, typer.Option(help="Address of an OpenAI-compatible server.")]
ApiKeyEnv = Annotated[str | None, typer.Option(help="Environment variable that holds the key.")]
Budget = Annotated[
    str | None, typer.Option(metavar="calls=…,tokens=…,money=…,seconds=…", help="Limits of model calls.")
]
CaseBudget = Annotated[str | None, typer.Option(metavar="calls=…,…", help="Limits of each case.")]
Corpus = Annotated[
    str | None,
    typer.Option(
        metavar="NAME[,NAME…]", help="Answer from this corpus (osler corpus list), or from several."
    ),
]
Retrieval = Annotated[
    str | None,
    typer.Option(
        metavar="WAY",
        help="bm25, dense or hybrid (hybrid:2 weighs vectors twice, hybrid-score fuses by scores); default hybrid where "
        "the corpus has vectors, else bm25.",
    ),
]
Encoder = Annotated[
    str | None,
    typer.Option(
        metavar="SPEC",
        help="minilm, hf:NAME, openai:NAME@URL or trained:PATH; default that of the corpus's vectors.",
    ),
]
Reranker = Annotated[
    str | None, typer.Option(metavar="SPEC", help="A cross-encoder: hf:NAME or endpoint:MODEL@URL.")
]
Rewrite = Annotated[
    str | None,
    typer.Option(metavar="WAY", help="Before each search: hyde, rationale, or a file with a prompt."),
]
Rank = Annotated[
    str | None, typer.Option(metavar="WAY", help="After each search: cross-encoder, model or mmr.")
]
Graph = Annotated[
    str | None, typer.Option(metavar="SPEC", help="The graph that methods ask (as osler graph --graph).")
]
Prompts = Annotated[Path | None, typer.Option(help="YAML or JSON file of prompts to use instead.")]
Cache = Annotated[bool, typer.Option("--cache/--no-cache", help="Keep replies, and use kept ones.")]
Rpm = Annotated[
    int | None,
    typer.Option("--rpm", min=1, max=_MANY, help="At most so many requests a minute, to each model."),
]
Tpm = Annotated[
    int | None,
    typer.Option("--tpm", min=1, max=_MANY, help="At most so many tokens a minute, to each model."),
]
CallTimeout = Annotated[
    float | None,
    typer.Option(
        "--call-timeout",
        min=0.1,
        max=86400,
        callback=_a_number,
        help="Seconds for one attempt of a call; default 600.",
    ),
]
Temperature = Annotated[
    float | None, typer.Option(min=0, max=2, callback=_a_number, help="Where the method sets none.")
]
MaxTokens = Annotated[int | None, typer.Option(min=1, max=_MANY, help="Longest reply, in tokens.")]

# --- What comes out ---------------------------------------------------------------------------------------------------
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
TraceFile = Annotated[Path | None, typer.Option(help="Write the reasoning trace to this JSON file.")]

# --- Measuring --------------------------------------------------------------------------------------------------------
Data = Annotated[
    Path | None,
    typer.Option(help="The benchmark's files: ZIP, folder or file; default those of osler data."),
]
Inputs = Annotated[
    str | None,
    typer.Option(
        metavar="WAY",
        help="What a case states. medcalc-bench: gold (the values) or text (the note); medmcp-calc: records (to be queried) or "
        "gold; cmqcic: rules (facts and rules of the indicator) or text.",
    ),
]
Subset = Annotated[str | None, typer.Option(help="One set or task of the benchmark.")]
Split = Annotated[str | None, typer.Option(help="A split of the benchmark; default its test split.")]
Map = Annotated[
    str | None,
    typer.Option("--map", metavar="FIELD=COLUMN,…", help="own: question=stem,options=choices,answer=key."),
]
Examples = Annotated[
    str | None,
    typer.Option(
        metavar="PATH|BENCHMARK[/SPLIT][:PATH]",
        help="Solved cases that methods show; default the benchmark's own training split.",
    ),
]
Epochs = Annotated[int, typer.Option(min=1, max=10_000, help="Independent draws of each case.")]
Concurrency = Annotated[int, typer.Option(min=1, max=100_000, help="Calls (and cases) under way at once.")]
Regimes = Annotated[
    list[str] | None,
    typer.Option(help="as-is, not-cited, not-cited-clean, leave-out (repeat; default all)."),
]
RunFolder = Annotated[Path | None, typer.Option(help="Run folder, new or empty. Left out: nothing is kept.")]
Resume = Annotated[Path | None, typer.Option(help="Go on with this run folder.")]
Limit = Annotated[
    int | None,
    typer.Option(min=1, max=_MANY, help="A random sample of so many cases (--sample-seed picks them)."),
]
Ids = Annotated[
    Path | None, typer.Option(help="Run only the cases of this file of ids (see osler data hard).")
]
Seed = Annotated[
    int,
    typer.Option(
        min=0,
        max=_LARGEST_SEED,
        help="Seed of what method and model draw; of the sample too, unless --sample-seed is given.",
    ),
]
SampleSeed = Annotated[
    int | None,
    typer.Option(
        "--sample-seed",
        min=0,
        max=_LARGEST_SEED,
        help="Seed that picks the cases of --limit or --sample; default --seed.",
    ),
]
Jobs = Annotated[int, typer.Option(min=1, max=256, help="Processes.")]
