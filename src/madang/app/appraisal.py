"""Reads the files that an appraisal rests on; the arithmetic in ``appraise`` sees texts and tables alone."""

import tomllib
from collections.abc import Sequence
from importlib import resources
from pathlib import Path
from typing import Any

from madang.appraise import book, finance, plan, planning
from madang.city.document import parse
from madang.city.finding import Finding
from madang.errors import AppraisalInvalid

LARGEST = 4 * 1024 * 1024
"""Bytes; a table of some hundred years is a few kilobytes."""

_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
"""How .xlsx and .ods, and .xls, begin."""


def text_of(file: Path) -> str:
    """The file's text. Raises AppraisalInvalid that says what to do."""
    try:
        if file.stat().st_size > LARGEST:
            raise AppraisalInvalid(f"{file}:0: larger than 4 MB (is it another file?)")
        return file.read_bytes().decode()
    except FileNotFoundError:
        raise AppraisalInvalid(f"{file}:0: there is no such file (check the name and the folder)") from None
    except IsADirectoryError:
        raise AppraisalInvalid(f"{file}:0: is a folder (name a file in it)") from None
    except OSError as error:
        raise AppraisalInvalid(f"{file}:0: cannot be read: {error.strerror or error} (check its permissions)") from None
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        if error.object.startswith(_WORKBOOKS):
            raise AppraisalInvalid(f"{file}:1: is a spreadsheet, not text (save its sheet as CSV, UTF-8)") from None
        raise AppraisalInvalid(f"{file}:{line}: is not UTF-8 text (save it as UTF-8)") from None


def plan_of(file: Path) -> plan.Plan:
    """The financing plan in a TOML file. Raises AppraisalInvalid with every mistake, its line and its remedy."""
    document = parse(file, name=str(file))
    if isinstance(document, Finding):
        raise AppraisalInvalid(str(document))
    found, mistakes = planning.read(document.table)
    if mistakes or found is None:
        findings = [
            Finding(file=str(file), line=document.line(m.path), message=_said(m.path, m.message), hint=m.remedy)
            for m in mistakes
        ]
        raise AppraisalInvalid("\n".join(map(str, findings)))
    return found


def financed_of(file: Path) -> finance.Financed:
    """The answer to the plan in a TOML file. Raises AppraisalInvalid with every mistake, its line and its remedy."""
    found = plan_of(file)
    try:
        return finance.finance(found)
    except AppraisalInvalid as error:
        # What shows in the figures alone, sources that do not meet uses: it is told where the uses are.
        document = parse(file, name=str(file))
        line = 1 if isinstance(document, Finding) else document.line(("project", "capex"))
        raise AppraisalInvalid(f"{file}:{line}: {error.detail}") from None


def _said(path: plan.Path, message: str) -> str:
    return f"{'.'.join(str(part) for part in path)}: {message}"


def book_of(more: Sequence[Path] = ()) -> list[book.Parameter]:
    """The parameter book, with the files of other countries. Raises AppraisalInvalid."""
    folder = resources.files("madang.appraise") / "parameters"
    own = sorted((file for file in folder.iterdir() if file.name.endswith(".toml")), key=lambda file: file.name)
    tables: list[tuple[str, dict[str, Any]]] = [(file.name, tomllib.loads(file.read_text("utf-8"))) for file in own]
    for file in more:
        document = parse(file, name=str(file))
        if isinstance(document, Finding):
            raise AppraisalInvalid(str(document))
        tables.append((str(file), document.table))
    return book.read(tables)
