"""The comparison as a page of its own: plots first, then every figure, then how it was measured. No script, nothing
from elsewhere."""

from collections.abc import Iterator, Sequence
from html import escape
from typing import Final

from madang.evaluate.comparison import Comparison
from madang.evaluate.kpis import FIGURES, Figure
from madang.evaluate.shift import Shift
from madang.evaluate.statistics import Estimate
from madang.evaluate.table import heading, order

WIDTH: Final = 720
_STYLE: Final = """
:root{color-scheme:light dark;--ink:#1d2730;--dim:#5d6b76;--line:#cfd6dc;--ground:#fff}
:root{--good:#0b6e4f;--bad:#a4243b;--plain:#8795a1}
@media (prefers-color-scheme:dark){
:root{--ink:#e6ebef;--dim:#a3b0ba;--line:#3a464f;--ground:#12181d;--good:#4fc79a;--bad:#ff8296}}
body{font:16px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--ground)}
body{max-width:60rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.5rem}h2{font-size:1.15rem;margin-top:2.5rem}p.note,figcaption{color:var(--dim);font-size:.9rem}
figure{margin:0;overflow-x:auto}svg{max-width:100%;height:auto}svg text{fill:var(--ink);font:13px system-ui,sans-serif}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}div.wide{overflow-x:auto}
th,td{padding:.3rem .6rem;border-bottom:1px solid var(--line);text-align:right;white-space:nowrap}
th:first-child,td:first-child{text-align:left}.good{color:var(--good)}.bad{color:var(--bad)}
"""


def report(comparisons: Sequence[Comparison], service: str) -> str:
    """The page, as HTML."""
    title = f"What {service} does: measured"
    parts = [part for one in comparisons for part in _city(one, service)]
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" '
        f'content="width=device-width, initial-scale=1"><title>{escape(title)}</title><style>{_STYLE}</style></head>'
        f"<body><h1>{escape(title)}</h1>{''.join(parts)}</body></html>\n"
    )


def _city(one: Comparison, service: str) -> Iterator[str]:
    seeds = ", ".join(map(str, one.seeds))
    yield f"<h2>{escape(one.city)}: {escape(one.scenario)}, {one.hours:g} h, seeds {escape(seeds)}</h2>"
    yield _figure(_bars(one, service), "Mean delay of a vehicle in seconds; the line is the 95 % interval over seeds.")
    if one.shift is not None:
        yield f"<p>{_words(one.shift)}</p>"
        yield _figure(_histogram(one.shift), "Vehicles by how their own delay changed against the fixed plan, seconds.")
    yield f'<div class="wide">{_table(one, service)}</div>'
    yield f'<p class="note">Conflicting greens: {one.conflicts}; guards broken: {one.guards_broken}.</p>'
    yield '<details><summary>How it was measured</summary><ul class="note">'
    yield from (f"<li>{escape(str(line))}</li>" for line in one.provenance.get("conventions", ()))
    for key in ("made_at", "madang", "code_sha256", "scenario_sha256"):
        if key in one.provenance:
            yield f"<li>{escape(key)}: {escape(str(one.provenance[key]))}</li>"
    yield "</ul></details>"


def _figure(svg: str, caption: str) -> str:
    return f"<figure>{svg}<figcaption>{escape(caption)}</figcaption></figure>"


def _words(shift: Shift) -> str:
    return (
        f'Of {shift.vehicles:,} trips, <strong class="good">{shift.better:.0%}</strong> lose at least 10 s less, '
        f'<strong class="bad">{shift.worse:.0%}</strong> at least 10 s more ({shift.mean_loss_s:.0f} s on average), '
        f"{shift.much_worse:.1%} a minute more or longer."
    )


def _bars(one: Comparison, service: str) -> str:
    variants = order(one, service)
    found = [one.runs[variant]["delay_s"] for variant in variants]
    top = max([each.ci95[1] if each.ci95 else each.mean for each in found] + [1.0])
    rows: list[str] = []
    for row, (variant, each) in enumerate(zip(variants, found, strict=True)):
        y, length = 8 + row * 30, each.mean / top * (WIDTH - 300)
        colour = "--good" if variant == service else "--plain"
        rows.append(f'<text x="172" y="{y + 15}" text-anchor="end">{escape(heading(variant, service))}</text>')
        rows.append(f'<rect x="180" y="{y}" width="{length:.1f}" height="20" fill="var({colour})"/>')
        rows.append(_whisker(each, y + 10, (WIDTH - 300) / top))
        end = max(each.mean, each.ci95[1] if each.ci95 else 0.0) / top * (WIDTH - 300)
        rows.append(f'<text x="{188 + end:.1f}" y="{y + 15}">{each.mean:.1f}</text>')
    label = ", ".join(f"{heading(v, service)} {e.mean:.1f} s" for v, e in zip(variants, found, strict=True))
    return _svg("".join(rows), 16 + 30 * len(variants), f"Mean delay: {label}")


def _whisker(each: Estimate, y: float, scale: float) -> str:
    if each.ci95 is None:
        return ""
    low, high = (180 + max(0.0, bound) * scale for bound in each.ci95)
    return f'<path d="M{low:.1f} {y}H{high:.1f}" stroke="var(--ink)" stroke-width="2"/>'


def _histogram(shift: Shift) -> str:
    step, most = (WIDTH - 20) / len(shift.counts), max(shift.counts)
    rows: list[str] = []
    for place, count in enumerate(shift.counts):
        height = 160 * count / most
        side = place - len(shift.counts) // 2
        colour = "--plain" if not side else "--good" if side < 0 else "--bad"
        x = 10 + place * step
        rows.append(
            f'<rect x="{x + 1:.1f}" y="{170 - height:.1f}" width="{step - 2:.1f}" height="{height:.1f}" '
            f'fill="var({colour})"><title>{count:,}</title></rect>'
        )
        if place < len(shift.edges):
            rows.append(f'<text x="{x + step:.1f}" y="188" text-anchor="middle">{shift.edges[place]:+g}</text>')
    return _svg("".join(rows), 196, "Distribution of the change in delay; left of the middle are those who gain")


def _svg(content: str, height: int, label: str) -> str:
    return (
        f'<svg viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" role="img" '
        f'aria-label="{escape(label, quote=True)}">{content}</svg>'
    )


def _table(one: Comparison, service: str) -> str:
    variants = order(one, service)
    names = (*(heading(variant, service) for variant in variants), "Difference from fixed [95 %]", "%")
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in ("Figure", *names))
    rows = [_row(figure, one, variants) for figure in FIGURES if figure.name in one.effect]
    return f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"


def _row(figure: Figure, one: Comparison, variants: Sequence[str]) -> str:
    change = one.effect[figure.name]
    worse = change.mean > 0 if figure.less_is_better else change.mean < 0
    cells = [f"{one.runs[variant][figure.name].mean:,.{figure.decimals}f}" for variant in variants]
    interval = "" if change.ci95 is None else " [" + ", ".join(f"{b:+,.{figure.decimals}f}" for b in change.ci95) + "]"
    cells.append(f"{change.mean:+,.{figure.decimals}f}{interval}")
    share = "" if change.relative is None or abs(change.relative) < 0.0005 else f"{change.relative:+.1%}"
    last = f'<td class="{"bad" if worse else "good"}">{share}</td>'
    title = f"{figure.title} ({figure.unit})" if figure.unit else figure.title
    return f"<tr><td>{escape(title)}</td>{''.join(f'<td>{cell}</td>' for cell in cells)}{last}</tr>"
