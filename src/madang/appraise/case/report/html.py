"""A report as one page of HTML that needs nothing from elsewhere. Everything from a project file is escaped here."""

from collections.abc import Iterable
from html import escape

from madang.appraise.case.report.blocks import (
    Block,
    Boxed,
    Document,
    Figure,
    Heading,
    Items,
    Key,
    Line,
    Paragraph,
    Span,
    Table,
)
from madang.appraise.case.report.style import STYLE

_DIM = ' class="dim"'


def page(document: Document) -> str:
    """The page."""
    return (
        f'<!doctype html><html lang="{escape(document.language)}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(document.title)}</title><style>{STYLE}</style></head>"
        f"<body>{''.join(map(_block, document.blocks))}</body></html>\n"
    )


def _block(block: Block) -> str:
    match block:
        case Heading(level, text, anchor, lang):
            place = f' id="{escape(anchor)}"' if anchor else ""
            return f"<h{level}{place}{_spoken(lang)}>{escape(text)}</h{level}>"
        case Paragraph(line, note):
            return f'<p class="note">{_line(line)}</p>' if note else f"<p>{_line(line)}</p>"
        case Items(lines):
            return _list(lines)
        case Boxed(line, lines):
            return f'<div class="draft"><p>{_line(line)}</p>{_list(lines) if lines else ""}</div>'
        case Key(pairs):
            made = "".join(f"<div><dt>{escape(name)}</dt><dd>{escape(value)}</dd></div>" for name, value in pairs)
            return f'<dl class="key">{made}</dl>'
        case Table():
            return _table(block)
        case Figure():
            return _figure(block)


def _list(lines: Iterable[Line]) -> str:
    return f"<ul>{''.join(f'<li>{_line(line)}</li>' for line in lines)}</ul>"


def _line(line: Line) -> str:
    return "".join(map(_span, line))


def _span(span: Span) -> str:
    text = escape(span.text)
    if span.lang:
        text = f"<span{_spoken(span.lang)}>{text}</span>"
    if span.tone in ("strong", "code"):
        text = f"<{span.tone}>{text}</{span.tone}>"
    elif span.tone:
        text = f'<span class="{span.tone}">{text}</span>'
    if span.link:
        return f'<a href="#{escape(span.link)}">{text}</a>'
    return f'<a id="{escape(span.anchor)}"></a>{text}' if span.anchor else text


def _spoken(lang: str) -> str:
    return f' lang="{escape(lang)}"' if lang else ""


def _table(table: Table) -> str:
    def cell(tag: str, n: int, content: str) -> str:
        kind = ' class="words"' if n in table.words else ""
        return f"<{tag}{kind}>{content}</{tag}>"

    made = [f"<tr>{''.join(cell('th', n, escape(title)) for n, title in enumerate(table.head))}</tr>"]
    for number, row in enumerate(table.rows):
        kind = ' class="sum"' if table.last and number == len(table.rows) - 1 else ""
        made.append(f"<tr{kind}>{''.join(cell('td', n, _line(one)) for n, one in enumerate(row))}</tr>")
    return f'<div class="wide"><table>{"".join(made)}</table></div>'


def _figure(figure: Figure) -> str:
    size = f"0 0 {figure.width:.0f} {figure.height:.0f}"
    head = f'<svg viewBox="{size}" role="img" aria-label="{escape(figure.label)}">'
    words = "".join(
        f'<text{_DIM if one.dim else ""} x="{one.x:.1f}" y="{one.y:.1f}" '
        f'text-anchor="{one.anchor}">{escape(one.text)}</text>'
        for one in figure.labels
    )
    drawing = f"{head}{figure.shapes}{words}</svg>"
    return f"<figure>{drawing}<figcaption>{escape(figure.caption)}</figcaption></figure>"
