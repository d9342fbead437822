"""What a report has to be before it is taken down; each mistake says which field it is and what to do."""

import math
import re
from collections.abc import Mapping, Sequence
from typing import Final

from madang.errors import BadRequestData
from madang.model.report import Contact, QuestionKind, Report, ReportKind
from madang.participate.letters import LONGEST, language

CHANNELS: Final = ("api", "web", "phone", "kiosk", "assisted")

_MAIL: Final = re.compile(r"[^\s@<>\",;:\\()\[\]\x00-\x20\x7f]{1,64}@[A-Za-z0-9.-]{1,190}\.[A-Za-z0-9-]{2,63}")
_GROUP: Final = re.compile(r"[0-9]{1,3}(-[0-9]{1,3}|\+)")


def check(report: Report, contact: Contact, kind: ReportKind) -> None:
    """Raises BadRequestData for what is wrong with the report or with whom to answer."""
    if not report.description.strip() and not report.answers and not report.media_url:
        raise BadRequestData("description: say what is the matter")
    if len(report.description) > LONGEST:
        raise BadRequestData(f"description: at most {LONGEST} characters")
    if report.place is None and not report.address and not report.address_id:
        raise BadRequestData("where: lat and long, address_string or address_id")
    place = report.place or (0.0, 0.0)
    if not (all(map(math.isfinite, place)) and abs(place[0]) <= 180 and abs(place[1]) <= 90):
        raise BadRequestData("lat is from -90 to 90, long from -180 to 180")
    if report.media_url and not report.media_url.startswith(("https://", "http://")):
        raise BadRequestData("media_url: an http or https address")
    if report.channel not in CHANNELS:
        raise BadRequestData(f"channel: one of {', '.join(CHANNELS)}")
    _check_contact(contact)
    _check_answers(kind, report.answers)


def mail(address: str) -> str:
    """The address of e-mail, as it is. Raises BadRequestData where it is none."""
    if not _MAIL.fullmatch(address):
        raise BadRequestData("email: an address such as name@example.org")
    return address


def _check_contact(contact: Contact) -> None:
    if contact.email:
        mail(contact.email)
    if contact.webhook and not contact.webhook.startswith(("https://", "http://")):
        raise BadRequestData("webhook: an http or https address")
    if contact.age_group and not _GROUP.fullmatch(contact.age_group):
        raise BadRequestData("age_group: such as 18-34 or 65+")
    language(contact.language)


def _check_answers(kind: ReportKind, answers: Mapping[str, Sequence[str]]) -> None:
    for code, question in kind.questions.items():
        given = answers.get(code, ())
        if question.required and not any(given):
            raise BadRequestData(f"attribute[{code}] is required")
        strange = [one for one in given if question.values and one not in question.values]
        if strange:
            raise BadRequestData(f"attribute[{code}] is one of {', '.join(question.values)}, not {strange[0][:40]!r}")
        if len(given) > 1 and question.kind is not QuestionKind.MANY:
            raise BadRequestData(f"attribute[{code}] has one answer")
        if question.kind is QuestionKind.NUMBER and any(not _is_number(one) for one in given):
            raise BadRequestData(f"attribute[{code}] is a number")
    unknown = [code for code in answers if code not in kind.questions]
    if unknown:
        raise BadRequestData(f"attribute[{unknown[0][:40]}] is no question of this service_code")


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
