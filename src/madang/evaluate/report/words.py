"""Numbers and names as the report writes them."""

from html import escape

from madang.evaluate.kpis import Figure
from madang.evaluate.statistics import Estimate

LONGEST_NAME = 24


def number(value: float, figure: Figure, *, sign: bool = False) -> str:
    """The figure with its decimals."""
    return f"{value:{'+' if sign else ''},.{figure.decimals}f}"


def mean(found: Estimate, decimals: int = 1) -> str:
    """The mean with the half width of its interval, as HTML: ``20.1 ± 0.4``."""
    text = f"{found.mean:,.{decimals}f}"
    if found.ci95 is None:
        return text
    return f'{text} <span class="dim">± {(found.ci95[1] - found.ci95[0]) / 2:,.{decimals}f}</span>'


def change(found: Estimate, decimals: int = 1) -> str:
    """The difference with its interval, as HTML; coloured where the interval leaves zero out."""
    text = f"{found.mean:+,.{decimals}f}"
    if found.ci95 is None:
        return text
    low, high = found.ci95
    if low == high == 0:
        return '<span class="dim">0</span>'
    sure = "bad" if low > 0 else "good" if high < 0 else "dim"
    return f'<span class="{sure}">{text}</span> <span class="dim">[{low:+,.{decimals}f}, {high:+,.{decimals}f}]</span>'


def short(name: str) -> str:
    """A long id with its middle left out, escaped; whole in its title."""
    if len(name) <= LONGEST_NAME:
        return escape(name)
    return f'<abbr title="{escape(name, quote=True)}">{escape(name[:12])}…{escape(name[-8:])}</abbr>'


def table(head: list[str], rows: list[list[str]], *, caption: str = "") -> str:
    """A table that scrolls sideways where it is too wide; cells are HTML already."""
    columns = "".join(f'<th scope="col">{cell}</th>' for cell in head)
    body = "".join(
        f'<tr><th scope="row">{first}</th>{"".join(f"<td>{cell}</td>" for cell in rest)}</tr>' for first, *rest in rows
    )
    said = f"<caption>{escape(caption)}</caption>" if caption else ""
    label = escape(caption or "Table", quote=True)
    return (
        f'<div class="wide" tabindex="0" role="region" aria-label="{label}"><table>{said}'
        f"<thead><tr>{columns}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def folded(summary: str, content: str) -> str:
    """Content that is opened on demand."""
    return f"<details><summary>{escape(summary)}</summary>{content}</details>"
