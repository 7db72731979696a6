"""The measurements as tables and as a picture, put into docs/performance.md between two marks."""

import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from appending import CASES, LABELS, Medians
from growing import Size
from machine import ROOT
from rebuilding import Lag, Rebuilt
from sealing import Sealed, SealLag

PAGE, PICTURE = ROOT / "docs" / "performance.md", ROOT / "docs" / "performance.svg"
BEGIN = "<!-- ledger: written by bench/measure.py -->"
END = "<!-- ledger: end -->"
HOLDS = {True: "holds", False: "**missed**"}


def write(parts: Iterable[str]) -> None:
    """Replace what stands between the marks; put it at the end where there are none."""
    text = PAGE.read_text(encoding="utf-8")
    before, found, rest = text.partition(BEGIN)
    after = rest.partition(END)[2] if found else "\n"
    body = "\n\n".join(part.strip() for part in parts if part.strip())
    PAGE.write_text(f"{before.rstrip()}\n\n{BEGIN}\n\n{body}\n\n{END}{after}", encoding="utf-8")


def machine(told: Mapping[str, str]) -> str:
    return "Read back from the machine and the server: " + ", ".join(f"{k} {v}" for k, v in told.items()) + "."


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def appends(medians: Medians, left_out: Mapping[str, str]) -> str:
    """Appends a second, with p50 and p99 beside; the ratio is ours to each at the same case."""
    rows = []
    for name, label in LABELS.items():
        if name in left_out:
            rows.append([label, *[f"left out: {left_out[name]}"] * len(CASES)])
            continue
        cells = []
        for case in CASES:
            took = medians[name][case]
            ratio = "" if name == "ledger" else f"; {medians['ledger'][case].rate / took.rate:.2g} ×"
            cells.append(f"{took.rate:,.0f}/s{ratio}<br>{took.p50:.1f}, {took.p99:.1f} ms")
        rows.append([label, *cells])
    return table(["appends a second; ours to it<br>p50, p99", *(f"callers: {case}" for case in CASES)], rows)


def append_bars(medians: Medians) -> list[tuple[str, str, bool]]:
    """What was to be reached with 16 callers, and whether it was."""
    at = {name: cases["16"] for name, cases in medians.items()}
    bars = [_bar("`Ledger.append` to the library's default", at["ledger"].rate / at["library"].rate, 8)]
    if "emmett" in at:
        bars.append(_bar("`Ledger.append` to Emmett", at["ledger"].rate / at["emmett"].rate, 3))
        ratio = at["ledger"].p99 / at["emmett"].p99
        bars.append(("p99 of `Ledger.append` to Emmett's, at most 0.4", f"{ratio:.2f}", ratio <= 0.4))
    bars.append(_bar("a whole command to the library's default", at["command"].rate / at["library"].rate, 4))
    return bars


def rebuild_bars(done: Rebuilt) -> list[tuple[str, str, bool]]:
    return [_bar("rebuild of one view to the library's runner", done.ours / done.runner, 12)]


def growth_bars(sizes: Sequence[Size]) -> list[tuple[str, str, bool]]:
    small, large = sizes[0], sizes[-1]
    found = []
    for name, what in (
        ("append_1", "one append, one caller"),
        ("append_16", "one append of 16 at once"),
        ("first_page", "first page"),
        ("hundredth_page", "hundredth page"),
    ):
        ratio = getattr(large, name) / getattr(small, name)
        found.append((f"{what}: {large.facts:,} facts to {small.facts:,}, at most 1.3", f"{ratio:.2f}", ratio <= 1.3))
    return found


def then_bars(sizes: Sequence[Size]) -> list[tuple[str, str, bool]]:
    """The dearest page as of the middle of the ledger, against the same page now."""
    return [
        (f"{name}, as of the middle to now: {size.facts:,} facts, at most 1.5", f"{ratio:.2f}", ratio <= 1.5)
        for size in sizes
        for ratio, name in [max((before / now, name) for name, (now, before) in size.then.items())]
    ]


def then(sizes: Sequence[Size]) -> str:
    return table(
        ["median of a page of 20: now, as of the middle", *(f"{size.facts:,} facts" for size in sizes)],
        [
            [name, *(f"{now:.2f} ms, {then:.2f} ms; {then / now:.2f} ×" for now, then in (s.then[name] for s in sizes))]
            for name in sizes[0].then
        ],
    )


def seal_bars(sealed: Sequence[Sealed]) -> list[tuple[str, str, bool]]:
    small, large = sealed[0], sealed[-1]
    ratio = large.step / small.step
    return [
        (f"one more seal, {large.facts:,} against {small.facts:,} facts: at most 1.3", f"{ratio:.2f}", ratio <= 1.3)
    ]


def seals(sealed: Sequence[Sealed], lags: Sequence[SealLag]) -> str:
    head = ("facts", "all sealed for the first time", "one more seal of one append, median", "all checked (`verify`)")
    rows = [(f"{one.facts:,}", f"{one.first:.1f} s", f"{one.step:.1f} ms", f"{one.checked:.1f} s") for one in sealed]
    lag = table(
        ("appends a second", "from answer to checkpoint: p50", "p99"),
        [(str(one.rate), f"{one.p50:.0f} ms", f"{one.p99:.0f} ms") for one in lags],
    )
    return f"{table(head, rows)}\n\n{lag}"


def bars(all_: Sequence[tuple[str, str, bool]]) -> str:
    return table(["bar", "measured", ""], [[what, measured, HOLDS[held]] for what, measured, held in all_])


def rebuilds(done: Rebuilt) -> str:
    return table(
        [f"rebuild of `office_petitions` from {done.facts:,} facts", "facts a second", "ours to it"],
        [
            ["ours, every fact decoded whole", f"{done.ours:,.0f}", ""],
            [
                f"the library's projection runner, the same work, over the first {done.runner_facts:,}",
                f"{done.runner:,.0f}",
                f"{done.ours / done.runner:.1f} ×",
            ],
            ["limit: one `INSERT … SELECT`", f"{done.limit:,.0f}", f"{done.ours / done.limit:.2f} ×"],
            ["ours, every view at once", f"{done.every_view:,.0f}", ""],
        ],
    )


def lags(found: Sequence[Lag]) -> str:
    return table(
        ["appends a second while the projector follows", "lag of the last view, p50", "p99"],
        [[f"{each.rate:,.0f}", f"{each.p50:.0f} ms", f"{each.p99:.0f} ms"] for each in found],
    )


def growth(sizes: Sequence[Size]) -> str:
    rows: list[list[str]] = []
    for label, cell in (
        ("made in", lambda s: f"{s.generated:,.0f} s"),
        ("one view built in", lambda s: f"{s.view:,.0f} s"),
        ("table and indexes", lambda s: f"{s.megabytes:,.0f} MB"),
        ("rows of the list", lambda s: f"{s.rows:,}"),
        ("one append, one caller, p50", lambda s: f"{s.append_1:.2f} ms"),
        ("one append of 16 at once, p50", lambda s: f"{s.append_16:.2f} ms"),
        ("server's log, an append", lambda s: f"{s.wal:,.0f} bytes"),
        ("first page of 20, median", lambda s: f"{s.first_page:.2f} ms"),
        ("hundredth page of 20, median", lambda s: f"{s.hundredth_page:.2f} ms"),
        ("plan of the hundredth page", lambda s: s.plan),
    ):
        rows.append([label, *(cell(size) for size in sizes)])
    return table(["", *(f"{size.facts:,} facts" for size in sizes)], rows)


def picture(medians: Medians) -> str:
    """Appends a second with 16 callers, as bars."""
    shown = [(label.replace("`", ""), medians[name]["16"]) for name, label in LABELS.items() if name in medians]
    widest = max(took.rate for _, took in shown)
    lines = []
    for n, (label, took) in enumerate(shown):
        y, width = 40 + 34 * n, 380 * took.rate / widest
        colour = "#b03a2e" if n == 0 else "#d98880" if n < 3 else "#85929e"
        lines += [
            f'<text x="270" y="{y + 15}" text-anchor="end">{label}</text>',
            f'<rect x="280" y="{y}" width="{width:.1f}" height="20" fill="{colour}"/>',
            f'<text x="{286 + width:.1f}" y="{y + 15}">{took.rate:,.0f}/s, p99 {took.p99:.1f} ms</text>',
        ]
    height = 50 + 34 * len(shown)
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 820 {height}" role="img"'
            ' font-family="sans-serif" font-size="13">',
            "<title>Appends a second with 16 callers · 16个调用者每秒追加数</title>",
            f'<rect width="820" height="{height}" fill="#ffffff"/>',
            '<text x="20" y="24" font-size="15">16个调用者，每秒追加数 · appends a second, 16 callers</text>',
            *lines,
            "</svg>",
            "",
        ]
    )


def _bar(what: str, ratio: float, least: float) -> tuple[str, str, bool]:
    return f"{what}, at least {least:g} ×", f"{ratio:.1f} ×", ratio >= least
