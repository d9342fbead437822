"""``madang anonymise``: a file of persons in, a file to release out, and the release gate between them."""

import csv
import io
import os
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, TextIO

from madang import clock
from madang.app.table import read_rows, read_table, write
from madang.errors import BadRequestData, InvalidRequest, ResourceNotFound
from madang.govern.anonymise import Proof, Release, Table, Wish, check, prove, release


class Outcome(NamedTuple):
    """What was released, as the gate has seen it."""

    release: Release
    proof: Proof
    core_s: float
    """Seconds of one core for partition, labels and risk; without reading, writing and the gate."""


def anonymise(file: Path, wish: Wish, out: Path | None, onto: TextIO | None) -> Outcome:
    """Anonymise `file` into `out`, or onto a stream, or (without either) only for the report.

    The table is written beside its place, read again, proved, and only then put there: what does not hold never
    appears, and the file itself is never written over. Raises InvalidRequest for what is no CSV, ResourceNotFound,
    BadRequestData.
    """
    if out is not None and out.is_dir():
        raise InvalidRequest(f"{out} is a folder: name a file to write")
    if out is not None and out.exists() and file.exists() and out.samefile(file):
        raise BadRequestData(f"{out} is the file of persons itself: name another one to write")
    table = read_table(file)
    if not any(map(len, table.values())):
        raise InvalidRequest(f"{file} has a line of names and no row")
    start_s = clock.core_s()
    made = release(table, wish)
    took_s = clock.core_s() - start_s
    if out is None:
        text = io.StringIO(newline="")
        write(made.table, text)
        proof = _gate(read_rows(text.getvalue().splitlines(keepends=True), "the output"), made, wish)
        if onto is not None:
            onto.write(text.getvalue())
        return Outcome(made, proof, took_s)
    return Outcome(made, _put(made, wish, out), took_s)


def _put(made: Release, wish: Wish, out: Path) -> Proof:
    try:
        handle, name = tempfile.mkstemp(dir=out.parent, prefix=f".{out.name}.", suffix=".unproved")
    except OSError as error:
        raise InvalidRequest(f"cannot write beside {out}: {error.strerror}") from error
    beside = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as stream:
            write(made.table, stream)
        proof = _gate(read_table(beside), made, wish)
        beside.replace(out)
    finally:
        beside.unlink(missing_ok=True)
    return proof


def _gate(table: Table, made: Release, wish: Wish) -> Proof:
    """What the output itself keeps; raises BadRequestData when it is not what was asked for."""
    sensitive = {name: table[name] for name in wish.sensitive}
    proof = prove([table[name] for name in wish.quasi], sensitive, made.ordered)
    check(proof, made.terms)
    return proof


def read_hierarchies(folder: Path, quasi: Sequence[str]) -> dict[str, list[list[str]]]:
    """The files COLUMN.csv of a folder, in ARX's form: no line of names, cells parted by ``;`` (or ``,``)."""
    if not folder.is_dir():
        raise ResourceNotFound(f"no folder {folder}")
    found = {name: folder / f"{name}.csv" for name in quasi}
    given = {name: _hierarchy(file) for name, file in found.items() if "/" not in name and file.is_file()}
    if not given:
        raise BadRequestData(f"{folder} has no hierarchy of {', '.join(quasi)}: a hierarchy is a file COLUMN.csv")
    return given


def _hierarchy(file: Path) -> list[list[str]]:
    try:
        text = file.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidRequest(f"cannot read {file}: {error}") from error
    comma = "," if ";" not in text else ";"
    return [row for row in csv.reader(io.StringIO(text, newline=""), delimiter=comma) if row]


def report(outcome: Outcome, wish: Wish) -> Mapping[str, Any]:
    """The outcome as JSON: what was asked for, what the output keeps, what was lost, what risk is left."""
    made, proof = outcome.release, outcome.proof
    attack = made.risk.attack
    return {
        "asked": {"k": wish.k, "l": wish.l, "t": wish.t, "quasi": list(wish.quasi), "sensitive": list(wish.sensitive)},
        "kept": {"k": proof.k, "sensitive": {name: kept._asdict() for name, kept in proof.sensitive.items()}},
        "rows": proof.rows,
        "classes": proof.classes,
        "suppressed": made.suppressed,
        "loss": {"gcp": made.loss, "averageClass": made.average},
        "risk": {**made.risk._asdict(), "attack": {**attack._asdict(), "known": dict(attack.known)}},
        "core_s": outcome.core_s,
    }


def summary(body: Mapping[str, Any]) -> str:
    """A report in a few lines, for who runs the command."""
    risk, attack = body["risk"], body["risk"]["attack"]
    lines = [
        f"{body['rows']:,} rows in {body['classes']:,} classes, {body['suppressed']:,} rows left out; "
        f"information lost {body['loss']['gcp']:.1%}",
        f"proved on the output: k = {body['kept']['k']}",
        *(
            f"  {name}: {kept['distinct']} distinct values at least (entropy l = {kept['entropy']:.2f}), "
            f"distance {kept['distance']:.3f} at most"
            for name, kept in body["kept"]["sensitive"].items()
        ),
        f"risk: prosecutor {risk['prosecutor']:.1%} at most ({risk['prosecutor_mean']:.1%} on average), "
        f"journalist {risk['journalist']:.1%}, marketer {risk['marketer']:.1%}",
        f"attack run on {attack['persons']} people with all quasi-identifiers known: at least {attack['fewest']} "
        f"candidates each, {attack['success']:.1%} found",
        *(f"  {name} certain of {count} of them" for name, count in attack["known"].items()),
    ]
    return "\n".join(lines)
