"""A declaration that would let data of people out without a guarantee is a mistake, named with its line."""

from pathlib import Path

import pytest

from madang.city import check

HEAD = """
title = { en = "T" }
type = "Trip"
attributes = ["person", "age", "location"]
history = ["location"]
owner = "o"
subject = "person"
sensitivity = "personal"
legal_basis = "public-task"
purposes = ["planning"]
retention = "P1Y"
licence = "CC-BY-4.0"
"""
PRIVACY = '[release]\npurpose = "planning"\n[release.privacy]\nepsilon = 1.0\nbudget = 2.0\n'
COUNT = 'statistics = [{ measure = "count" }]\n'


def said(folder: Path, text: str) -> list[str]:
    (folder / "datasets").mkdir(exist_ok=True)
    (folder / "datasets" / "trips.toml").write_text(text)
    return [str(found) for found in check(folder)[1] if "trips" in str(found)]


@pytest.mark.parametrize(
    "text",
    [
        PRIVACY + COUNT,
        PRIVACY + 'renew = "P30D"\nstatistics = [{ measure = "mean", of = "age", low = 0, high = 120 }]\n',
        '[release]\npurpose = "planning"\nevery = "P1D"\n[release.anonymity]\nquasi = ["age"]\n',
        '[release]\npurpose = "planning"\n[release.mobility]\nbox = [1.0, 1.0, 2.0, 2.0]\nepsilon = 1\nbudget = 2\n',
        '[[grants]]\nroles = ["r"]\naggregate = { minimum = 5, epsilon = 1.0 }\n',
    ],
)
def test_what_has_a_guarantee_is_well(text: str, tmp_path: Path) -> None:
    assert said(tmp_path, HEAD + text) == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[release]\npurpose = "planning"\n', "trips.toml:13: personal data is not released as it is"),
        ('[release]\nformats = ["xls"]\n', "14: unknown format 'xls'"),
        ('[release]\nevery = "often"\n', "14: 'often' is no duration"),
        (PRIVACY.replace("planning", "fun") + COUNT, "14: 'fun' is not among the purposes"),
        (PRIVACY + COUNT + '[release.anonymity]\nquasi = ["age"]\n', "a release has one guarantee"),
        (PRIVACY + "statistics = []\n", "'statistics' is empty"),
        (PRIVACY + 'statistics = [{ by = "colour", values = ["red"] }]\n', "'colour' is not among the attributes"),
        (PRIVACY.replace("2.0", "0.5") + COUNT, "at most the budget"),
        ('[release]\npurpose = "planning"\n[release.anonymity]\nquasi = ["age"]\nk = 1\n', "k of 2 or more"),
        ('[[grants]]\nroles = ["r"]\naggregate = { minimum = 5 }\n', "aggregates about people need a budget"),
        ('[[grants]]\nroles = ["r"]\naggregate = { epsilon = -1.0 }\n', "epsilon is -1.0"),
        (
            '[release]\npurpose = "planning"\n[release.mobility]\nbox = [1.0]\nepsilon = 1\nbudget = 2\n',
            "'box' is west, south, east, north",
        ),
    ],
)
def test_what_has_none_is_a_mistake(text: str, message: str, tmp_path: Path) -> None:
    assert any(message in one for one in said(tmp_path, HEAD + text)), said(tmp_path, HEAD + text)


def test_a_budget_about_people_needs_to_know_whose_data_it_is(tmp_path: Path) -> None:
    nobody = HEAD.replace('subject = "person"\n', "")
    assert any("needs the dataset's 'subject'" in one for one in said(tmp_path, nobody + PRIVACY + COUNT))
