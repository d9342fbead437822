"""Forty worked questions with the expected answer, and: whatever is not known is no."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madang.app.regimes import matrix
from madang.govern.regimes import Answer, can_transfer

YES, NO = True, False
VN_ASSESSED = "transfer_impact_assessment_filed_within_60_days_of_first_transfer"

QUESTIONS = [
    # from, to, category, controller, basis, answer, part of the article, part of the reason
    ("KR", "EU", "personal", "public", "pipc_equivalence_recognition", YES, "28-8", "by pipc"),
    ("KR", "EU", "resident_registration_number", "public", "pipc_equivalence_recognition", NO, "28-8", "not cover"),
    ("KR", "EU", "credit", "private", "pipc_equivalence_recognition", NO, "28-8", "not cover"),
    ("KR", "JP", "personal", "public", "pipc_equivalence_recognition", NO, "28-8", "does not lead to JP"),
    ("KR", "JP", "personal", "public", "separate_consent", YES, "28-8", "by separate"),
    ("KR", "IN", "health", "public", "separate_consent", YES, "28-8", "by separate"),
    ("KR", "IN", "personal", "public", None, NO, "28-8", "no mechanism is named"),
    ("KR", "SG", "personal", "private", "SCC", NO, "28-8", "knows no mechanism SCC"),
    ("KR", "VN", "anonymised", "public", None, YES, "58-2", "exempt"),
    ("KR", "VN", "pseudonymised", "public", None, NO, "28-8", "no mechanism"),
    ("KR", "KR", "health", "public", None, YES, "28-8", "stays"),
    ("SG", "KR", "personal", "public", "consent", NO, "4(1)(c)", "unsure is no"),
    ("SG", "KR", "anonymised", "public", None, NO, "4(1)(c)", "unsure is no"),
    ("SG", "KR", "personal", "private", "CBPR_or_PRP_certified_recipient", YES, "s 26", "by CBPR"),
    ("SG", "VN", "personal", "private", "CBPR_or_PRP_certified_recipient", NO, "s 26", "not known as a member"),
    ("SG", "TW", "personal", "private", "CBPR_or_PRP_certified_recipient", NO, "s 26", "not known as a member"),
    ("SG", "VN", "personal", "private", "contract_or_ASEAN_MCC", YES, "s 26", "by contract"),
    ("SG", "IN", "anonymised", "private", None, YES, "s 48F", "exempt"),
    ("IN", "SG", "personal", "public", "allowed_unless_restricted_country", NO, "s 16", "restricted"),
    ("IN", "SG", "personal", "private", "govt_conditions", NO, "s 16", "not in the matrix"),
    ("IN", "SG", "anonymised", "public", None, YES, "17(2)(b)", "exempt"),
    ("ID", "SG", "personal", "public", "consent", NO, "56", "government regulation"),
    ("ID", "EU", "personal", "public", "equal_or_higher_protection", NO, "56", "no list"),
    ("ID", "EU", "anonymised", "public", None, NO, "15", "does not plainly"),
    ("VN", "KR", "personal", "private", VN_ASSESSED, YES, "20", "by transfer"),
    ("VN", "KR", "personal", "public", "exempt_state_agency", YES, "20", "by exempt"),
    ("VN", "KR", "personal", "private", "exempt_state_agency", NO, "20", "not for a private"),
    ("VN", "KR", "location", "private", None, NO, "20", "no mechanism"),
    ("VN", "KR", "anonymised", "private", None, YES, "2(1)", "exempt"),
    ("TH", "KR", "personal", "public", "adequate_destination", NO, "28", "no list"),
    ("TH", "KR", "personal", "public", "public_interest", YES, "28", "by public"),
    ("TH", "KR", "anonymised", "public", None, NO, "33", "not sure enough"),
    ("PH", "JP", "personal", "public", "accountability_contract", YES, "21", "by accountability"),
    ("PH", "JP", "anonymised", "public", None, NO, "3(g)", "not sure enough"),
    ("MY", "SG", "personal", "public", "consent", NO, "3(1)", "unsure is no"),
    ("MY", "SG", "personal", "private", "consent", YES, "129", "by consent"),
    ("MY", "SG", "personal", "private", "due_diligence", NO, "129", "not in the matrix"),
    ("JP", "EU", "personal", "private", "equivalent_country_EEA_UK", YES, "28", "by equivalent"),
    ("JP", "KR", "personal", "private", "equivalent_country_EEA_UK", NO, "28", "does not lead to KR"),
    ("JP", "EU", "anonymised", "private", None, NO, "43", "does not plainly"),
    ("EU", "KR", "personal", "public", "adequacy", YES, "44", "by adequacy"),
    ("EU", "JP", "personal", "public", "adequacy", NO, "44", "private sector only"),
    ("EU", "VN", "health", "public", "SCC", YES, "44", "by SCC"),
    ("EU", "VN", "personal", "public", "derogation", NO, "44", "one situation"),
    ("US", "KR", "personal", "public", "consent", NO, "", "no regime US"),
    # Countries and parts of them are of their regime; what nobody knows is no.
    ("DE", "FR", "health", "public", None, YES, "44", "stays"),
    ("DE-BY", "NO", "personal", "private", None, YES, "44", "stays"),
    ("KR-11", "DE", "personal", "public", "pipc_equivalence_recognition", YES, "28-8", "by pipc"),
    ("EU", "US", "helth", "public", "SCC", NO, "", "knows data of the category 'helth'"),
    ("KR", "QQ", "personal", "public", "separate_consent", NO, "", "no country"),
    ("KR", "nowhere", "personal", "public", "separate_consent", NO, "", "no country"),
]


def ask(origin: str, to: str, category: str, controller: str, basis: str | None) -> Answer:
    return can_transfer(matrix(), origin, to, category=category, controller=controller, basis=basis)


def test_there_are_forty_and_more() -> None:
    assert len(QUESTIONS) >= 40


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: "-".join(map(str, question[:5])))
def test_a_worked_question(question: tuple[str, str, str, str, str | None, bool, str, str]) -> None:
    *asked, allowed, article, why = question
    answer = ask(*asked)  # pyright: ignore
    assert (answer.allowed, article in answer.article, why in answer.why) == (allowed, True, True), answer
    assert not answer.allowed or answer.certainty in ("S", "H")


def test_a_no_names_the_mechanisms_that_would_do() -> None:
    answer = ask("KR", "JP", "personal", "public", None)
    assert set(answer.missing) == {
        "separate_consent",
        "treaty_or_law",
        "contract_with_disclosure",
        "pipc_recognised_certification",
    }
    for basis in answer.missing:
        assert ask("KR", "JP", "personal", "public", basis).allowed


def test_a_sensitive_category_brings_its_article() -> None:
    assert ask("KR", "EU", "health", "public", "separate_consent").also == ("Art 23; ED 18",)
    assert ask("KR", "EU", "personal", "public", "separate_consent").also == ()


@given(
    *[st.sampled_from([*matrix(), "US", "", "kr"])] * 2, st.text(max_size=9), st.text(max_size=9), st.text(max_size=9)
)
def test_what_is_unknown_is_no_and_nothing_raises(
    origin: str, to: str, category: str, controller: str, basis: str
) -> None:
    assert not ask(origin, to, category, controller, basis).allowed or origin == to


def test_a_category_that_a_decree_adds_has_its_article() -> None:
    assert ask("KR", "JP", "biometric", "public", "separate_consent").also == ("Art 23; ED 18",)
