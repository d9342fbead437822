"""Reads a project file and what it refers to: the parameter book, the presets, the evidence, the financing plan."""

import tomllib
from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from importlib import resources
from pathlib import Path
from typing import Any, cast

import msgspec

from madang.account import evidence
from madang.app import appraisal
from madang.app.appraisal import book_of
from madang.app.paper import advice, paper
from madang.appraise.case import follow, options, portfolio, preset, uncertainty
from madang.appraise.case.answer import Answer, answer
from madang.appraise.case.build import Case, Library, build
from madang.appraise.case.form import Form
from madang.appraise.case.mistakes import Mistakes
from madang.appraise.case.report import council, document, html
from madang.appraise.case.report.language import ENGLISH, languages
from madang.appraise.case.sources import Proof
from madang.appraise.case.workbook import workbook
from madang.appraise.finance import Financed
from madang.appraise.sample import Method
from madang.city.document import Document, parse, read
from madang.city.finding import Finding
from madang.city.shape import shape
from madang.errors import AppraisalInvalid, BadRequestData

_PLAIN = {
    "a number": "write a plain number such as 1234.5: no text, no separators, no currency sign",
    "a whole number": "write a whole number such as 2026, without quotes",
}


def case_of(file: Path, *, also: Sequence[Path] = ()) -> Case:
    """The project in the file; `also` are further parameter files. Raises AppraisalInvalid with every mistake: file,
    line and remedy."""
    if not file.exists():
        raise AppraisalInvalid(f"{file}:0: there is no such file (name one of a city's projects/*.toml)")
    return _case(parse(file, name=str(file)), file.parent, also)


def case_in(text: str, folder: Path) -> Case:
    """The project in a text, as if it were a file of `folder`, whose evidence it may name. Raises as `case_of`."""
    return _case(read(text, name="project"), folder, ())


def mistakes_of(file: Path) -> list[Finding]:
    """What is wrong with a project file, its evidence and its financing plan, warnings included."""
    document = parse(file, name=str(file))
    if isinstance(document, Finding):
        return [document]
    case, findings = _found(document, file.parent, ())
    try:
        if case is not None:
            financed_of(case, file)
    except AppraisalInvalid as error:
        line = document.line(("project", "finance"))
        findings += [
            Finding(file=document.name, line=line, message=said, hint="see the plan")
            for said in error.detail.splitlines()
        ]
    return findings


def _case(document: Document | Finding, folder: Path, also: Sequence[Path]) -> Case:
    if isinstance(document, Finding):
        raise AppraisalInvalid(str(document))
    case, findings = _found(document, folder, also)
    if case is None:
        raise AppraisalInvalid(_told([one for one in findings if one.severity == "error"]))
    return case


def _found(document: Document, folder: Path, also: Sequence[Path]) -> tuple[Case | None, list[Finding]]:
    """The case, or None where it has mistakes, and what there is to say about the file."""
    form, findings = _form(document)
    if form is None:
        return None, findings
    mistakes = Mistakes()
    proofs = _proofs(form, folder, mistakes)
    book = {one.id: one for one in book_of(also)}
    case, more = build(form, Library(book=book, presets=presets(), proofs=proofs))
    if case is not None:
        options.check(case, more)
        follow.check(form, more)
    found = [_finding(document, *one) for one in (*mistakes, *more)]
    warned = [msgspec.structs.replace(_finding(document, *one), severity="warning") for one in more.warnings]
    return None if found else case, sorted([*found, *warned], key=lambda one: one.line)


class Made(msgspec.Struct, frozen=True, kw_only=True):
    """A project file, read and answered."""

    file: Path
    case: Case
    answer: Answer
    financed: Financed | None


def answered(
    file: Path,
    *,
    draws: int,
    seed: int,
    method: Method = "latin",
    also: Sequence[Path] = (),
    heard: Callable[[str], None] = lambda _: None,
) -> Made:
    """The project in the file, answered; `heard` is told what is being done. Raises AppraisalInvalid."""
    case = case_of(file, also=also)
    financed = financed_of(case, file)
    drawn = uncertainty.draw(case, draws, seed=seed, method=method, heard=heard)
    heard("scenarios and switching values")
    return Made(file=file, case=case, answer=answer(case, drawn), financed=financed)


def compared(
    files: Sequence[Path],
    *,
    budget: float | None,
    draws: int,
    seed: int,
    also: Sequence[Path] = (),
    heard: Callable[[str], None] = lambda _: None,
) -> portfolio.Portfolio:
    """The projects in the files beside each other. Raises AppraisalInvalid with the mistakes of all files."""
    mistakes: list[str] = []
    made: list[Made] = []
    for file in files:
        heard(str(file))
        try:
            made.append(answered(file, draws=draws, seed=seed, also=also))
        except AppraisalInvalid as error:
            mistakes.append(error.detail)
    if mistakes:
        raise AppraisalInvalid("\n".join(mistakes))
    return portfolio.compare([(str(one.file), one.case, one.answer) for one in made], budget=budget)


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """The files that were written, and what a reader of them has to be told."""

    files: tuple[Path, ...]
    warnings: tuple[str, ...] = ()


def kept(made: Made, folder: Path, *, language: str | None = None) -> Kept:
    """Write what there is to write into the folder, in the language (default: the city's first that reports are written
    in). Raises AppraisalInvalid where it cannot."""
    stem, tag = made.file.stem, language or spoken(made.file)
    whole = document(made.case, made.answer, made.financed, language=tag, made_from=_hashes(made))
    short = council(made.case, made.answer, language=tag)
    papers = {f"{stem}.pdf": paper(whole), f"{stem}-council.pdf": paper(short)}
    parts = {
        f"{stem}.html": html.page(whole).encode(),
        f"{stem}-council.html": html.page(short).encode(),
        **{name: one.pdf for name, one in papers.items()},
        f"{stem}.json": msgspec.json.format(msgspec.json.encode(made.answer)) + b"\n",
        f"{stem}.xlsx": workbook(made.case, made.answer),
    }
    write(folder, parts)
    warnings = tuple(f"{name}: {advice(one.lacking)}" for name, one in papers.items() if one.lacking)
    return Kept(files=tuple(folder / name for name in parts), warnings=warnings)


def _hashes(made: Made) -> dict[str, str]:
    """The files behind an answer that no evidence names, and what they hold."""
    files = [made.file]
    if made.case.form.project.finance:
        files.append(made.file.parent / made.case.form.project.finance)
    return {file.name: sha256(file.read_bytes()).hexdigest() for file in files}


def write(folder: Path, parts: Mapping[str, bytes]) -> None:
    """Write the files into the folder. Raises AppraisalInvalid where it cannot."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in parts.items():
            (folder / name).write_bytes(content)
    except OSError as error:
        raise AppraisalInvalid(f"{folder}:0: cannot be written: {error.strerror or error} (name another)") from None


def spoken(file: Path) -> str:
    """The first of the city's languages that reports are written in; English where the file is in no city's folder."""
    city = parse(file.resolve().parent.parent / "city.toml", name="city.toml")
    wanted: Any = city.table.get("languages") if isinstance(city, Document) else None
    listed = cast(list[Any], wanted) if isinstance(wanted, list) else []
    return next((tag for tag in listed if tag in languages()), ENGLISH)


def financed_of(case: Case, file: Path) -> Financed | None:
    """The financing plan that the project names, computed; None where it names none. Raises AppraisalInvalid."""
    name = case.form.project.finance
    return appraisal.financed_of(file.parent / name) if name else None


def presets() -> dict[str, preset.Preset]:
    """The presets that come with madang."""
    folder = resources.files("madang.appraise") / "presets"
    files = sorted((file for file in folder.iterdir() if file.name.endswith(".toml")), key=lambda file: file.name)
    return preset.read((file.name, tomllib.loads(file.read_text("utf-8"))) for file in files)


def _form(document: Document) -> tuple[Form | None, list[Finding]]:
    findings: list[Finding] = []

    def report(path: tuple[str | int, ...], message: str, remedy: str) -> None:
        wanted = message.partition(" must be ")[2].partition(", not ")[0]
        findings.append(_finding(document, path, message, remedy or _PLAIN.get(wanted, "")))

    return shape(Form, document.table, report=report, rules={}), findings


def _proofs(form: Form, folder: Path, mistakes: Mistakes) -> dict[str, Proof]:
    """The evidence that is what it says it is."""
    found: dict[str, Proof] = {}
    for n, given in enumerate(form.evidence):
        file = folder / given.file
        again = "measure again, or name the file as madang evaluate wrote it"
        if not file.resolve().is_relative_to(folder.resolve()):
            mistakes.add(
                ("evidence", n, "file"), f"{given.file} lies outside of the project's folder", "keep it beside"
            )
            continue
        try:
            content = evidence.read(file)
        except BadRequestData as error:
            mistakes.add(("evidence", n, "file"), error.detail, again)
            continue
        told = evidence.digest(content)
        if told != given.sha256:
            remedy = f"if this is the evidence that is meant, write sha256 = {told!r}"
            mistakes.add(("evidence", n, "sha256"), f"{file} is another evidence: its hash does not match", remedy)
            continue
        found[given.name] = Proof(file=given.file, sha256=told, content=content)
    return found


def _finding(document: Document, path: tuple[str | int, ...], message: str, remedy: str) -> Finding:
    return Finding(file=document.name, line=document.line(path), message=message, hint=remedy)


def _told(findings: Sequence[Finding]) -> str:
    return "\n".join(map(str, sorted(findings, key=lambda one: one.line)))
