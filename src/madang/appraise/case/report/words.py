"""Numbers and tables as HTML. Everything from a project file is escaped here."""

from collections.abc import Iterable, Sequence
from html import escape


class Html(str):
    """Text that is HTML already."""


Cell = str | float | None


def money(value: float | None) -> str:
    """Whole units with thousands apart."""
    return "none" if value is None else _minus(f"{value:z,.0f}")


def percent(value: float | None, decimals: int = 1) -> str:
    """A share as per cent."""
    return "none" if value is None else _minus(f"{100 * value:z.{decimals}f} %")


def ratio(value: float | None) -> str:
    """Two decimals."""
    return "none" if value is None else _minus(f"{value:z.2f}")


def rates(values: Sequence[float]) -> str:
    """Every rate, or that there is none."""
    return ", ".join(percent(value, 2) for value in values) or "none"


def years(value: float | None) -> str:
    """A time to pay back."""
    return "never" if value is None else f"{value:.1f} years"


def plain(value: float) -> str:
    """A number as it was written, more or less."""
    return _minus(f"{value:,.6g}")


def short(value: float) -> str:
    """For an axis: 1.2 M, 350 k."""
    size = abs(value)
    for limit, letter in ((1e9, "bn"), (1e6, "M"), (1e3, "k")):
        if size >= limit:
            return _minus(f"{value / limit:,.3g} {letter}")
    return _minus(f"{value:,.3g}")


def _minus(written: str) -> str:
    return written.replace("-", "−")


def text(cell: Cell) -> str:
    """A cell's content, escaped."""
    if isinstance(cell, Html):
        return cell
    if isinstance(cell, str):
        return escape(cell)
    return money(cell)


def table(
    head: Sequence[str], rows: Iterable[Sequence[Cell]], *, words: Sequence[int] = (0,), last: bool = False
) -> str:
    """A table; columns in `words` are text, the others numbers; `last`: the last row is a sum."""
    listed = list(rows)

    def cell(tag: str, n: int, content: str) -> str:
        kind = ' class="words"' if n in words else ""
        return f"<{tag}{kind}>{content}</{tag}>"

    made = [f"<tr>{''.join(cell('th', n, escape(title)) for n, title in enumerate(head))}</tr>"]
    for number, row in enumerate(listed):
        kind = ' class="sum"' if last and number == len(listed) - 1 else ""
        made.append(f"<tr{kind}>{''.join(cell('td', n, text(one)) for n, one in enumerate(row))}</tr>")
    return f'<div class="wide"><table>{"".join(made)}</table></div>'


def items(lines: Iterable[str]) -> str:
    """A list."""
    return f"<ul>{''.join(f'<li>{escape(line)}</li>' for line in lines)}</ul>"


def key(pairs: Iterable[tuple[str, str]]) -> str:
    """The figures that matter most."""
    made = "".join(f"<div><dt>{escape(name)}</dt><dd>{escape(value)}</dd></div>" for name, value in pairs)
    return f'<dl class="key">{made}</dl>'


def page(title: str, style: str, body: Iterable[str]) -> str:
    """A page that needs nothing from elsewhere."""
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{style}</style></head><body>{''.join(body)}</body></html>\n"
    )
