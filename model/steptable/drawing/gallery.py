"""The gallery: a page with every committed drawing, how to read it, and how to draw it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from steptable.targets.diagrams.draw import Drawing
from steptable.targets.markdown import code_span, escape_markdown


def gallery_markdown(machine: str, drawings: Sequence[Drawing]) -> str:
    """The page. Pictures stand as they are, those of findings folded; Mermaid text is rendered."""
    lines = [
        f"# Drawings of {escape_markdown(machine)}",
        "",
        "Everything here is made from the declarations: the texts by `steptable generate`, the "
        "pictures by `steptable draw`. Every picture says in its legend what it leaves out; in an "
        "SVG, what a row sets and why it is there is shown under the pointer. "
        "`steptable draw page` puts every verdict, trace and world into one [page](page.html) to "
        "step through, from disk.",
        "",
    ]
    findings = [item for item in drawings if item.name.startswith("findings/")]
    for item in drawings:
        if item not in findings and item.html is None:
            lines += [f"## {escape_markdown(item.title)}", "", *_lines(item)]
            lines += [f"![{escape_markdown(item.title)}]({item.file('svg')})", ""]
            if item.mermaid is not None:
                lines += ["The same as Mermaid, without effects:", ""]
                lines += ["```mermaid", item.mermaid.rstrip(), "```", ""]
    if findings:
        lines += [
            "## Counterexamples",
            "",
            "What is promised and does not hold; [FINDINGS.md](FINDINGS.md) tells the same in "
            "words. `steptable draw findings` draws them all; with `--path` instead of `--svg`, "
            "each command below shows the same way on the machine.",
            "",
        ]
    for item in findings:
        lines += [f"<details><summary>{escape_markdown(item.title)}</summary>", "", *_lines(item)]
        lines += [f"![{escape_markdown(item.title)}]({item.file('svg')})", "", "</details>", ""]
    return "\n".join(lines)


def _lines(item: Drawing) -> Iterator[str]:
    """How to read a drawing, how to draw it, and its files."""
    files = [form for form in item.formats if form in (*item.usual, *item.kept)]
    links = ", ".join(f"[{form}]({item.file(form)})" for form in files)
    yield f"{escape_markdown(item.reading)} {code_span(item.command)} ({links})"
    yield ""
