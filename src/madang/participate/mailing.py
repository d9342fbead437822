"""The letters to those who follow a proposal, in their language: the question whether an address wants any, and one for
each step of the proposal.

The texts are here and not in the pages' catalogues: they leave without a page. What no native speaker has read yet is
marked."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from urllib.parse import quote
from zoneinfo import ZoneInfo

from babel.dates import format_date
from babel.numbers import format_decimal

from madang.model.proposal import OVER, State, Step
from madang.participate.proposals import Course

_TEXTS: Final[Mapping[str, Mapping[str, str]]] = {
    "en": {
        "subject": "Proposal: {title}",
        "question": "Somebody, probably you, asked for letters about the proposal “{title}”.",
        "confirm": "If you want them, say so here: {link}",
        "ignore": "If not, do nothing: the address is deleted after two days.",
        "reached": "Enough people support it: the city has to answer by {due}.",
        "late": "The city had to answer by {due}. It has not.",
        "accepted": "The city accepts it. Its effect is to be measured.",
        "declined": "The city declines it.",
        "lapsed": "Not enough people supported it in time: {count} of {needed}. It is closed.",
        "measured": "It is done, and its effect was measured: {before} before, {after} after ({what}).",
        "ended": "It was ended.",
        "where": "How it stands: {link}",
        "last": "This was the last letter. Your address has been deleted.",
        "stop": "You get this because you asked for it. To get no more: {link}",
    },
    "de": {
        "subject": "Vorschlag: {title}",
        "question": "Jemand, wahrscheinlich Sie, hat um Post zum Vorschlag „{title}“ gebeten.",
        "confirm": "Wenn Sie sie wollen, sagen Sie es hier: {link}",
        "ignore": "Wenn nicht, tun Sie nichts: Die Adresse wird nach zwei Tagen gelöscht.",
        "reached": "Genug Menschen unterstützen ihn: Die Stadt muss bis {due} antworten.",
        "late": "Die Stadt musste bis {due} antworten. Sie hat es nicht getan.",
        "accepted": "Die Stadt nimmt ihn an. Seine Wirkung wird noch gemessen.",
        "declined": "Die Stadt lehnt ihn ab.",
        "lapsed": "Nicht genug Menschen haben ihn rechtzeitig unterstützt: {count} von {needed}. Er ist abgeschlossen.",
        "measured": "Er ist umgesetzt, und seine Wirkung wurde gemessen: {before} vorher, {after} nachher ({what}).",
        "ended": "Er wurde beendet.",
        "where": "Wie es steht: {link}",
        "last": "Das war der letzte Brief. Ihre Adresse ist gelöscht.",
        "stop": "Sie erhalten dies, weil Sie darum gebeten haben. Keine Post mehr: {link}",
    },
    # Machine drafts from here on.
    "ko": {
        "subject": "제안: {title}",
        "question": "누군가(아마도 본인)가 제안 “{title}”의 소식을 메일로 신청했습니다.",
        "confirm": "받으시려면 여기에서 확인해 주세요: {link}",
        "ignore": "원하지 않으시면 아무것도 하지 마세요. 주소는 이틀 뒤 삭제됩니다.",
        "reached": "충분한 사람이 지지했습니다. 시는 {due}까지 답해야 합니다.",
        "late": "시는 {due}까지 답해야 했습니다. 아직 답이 없습니다.",
        "accepted": "시가 제안을 받아들였습니다. 효과는 앞으로 측정합니다.",
        "declined": "시가 제안을 받아들이지 않았습니다.",
        "lapsed": "기한 안에 지지가 부족했습니다({needed}명 중 {count}명). 제안은 종결되었습니다.",
        "measured": "시행되었고 효과가 측정되었습니다. 이전 {before}, 이후 {after} ({what}).",
        "ended": "제안이 종료되었습니다.",
        "where": "진행 상황: {link}",
        "last": "마지막 메일입니다. 주소는 삭제되었습니다.",
        "stop": "신청하셔서 보내 드립니다. 더 받지 않으려면: {link}",
    },
    "hi": {
        "subject": "प्रस्ताव: {title}",
        "question": "किसी ने, शायद आपने, प्रस्ताव “{title}” के बारे में पत्र माँगे हैं।",
        "confirm": "यदि आप चाहते हैं तो यहाँ पुष्टि करें: {link}",
        "ignore": "यदि नहीं, तो कुछ न करें: पता दो दिन बाद हटा दिया जाता है।",
        "reached": "पर्याप्त लोग इसका समर्थन करते हैं: शहर को {due} तक उत्तर देना है।",
        "late": "शहर को {due} तक उत्तर देना था। उत्तर नहीं आया है।",
        "accepted": "शहर इसे स्वीकार करता है। इसका असर अभी मापा जाना है।",
        "declined": "शहर इसे अस्वीकार करता है।",
        "lapsed": "समय पर पर्याप्त समर्थन नहीं मिला: {needed} में से {count}। यह बंद है।",
        "measured": "यह पूरा हुआ और असर मापा गया: पहले {before}, बाद में {after} ({what})।",
        "ended": "इसे समाप्त कर दिया गया।",
        "where": "स्थिति: {link}",
        "last": "यह अंतिम पत्र था। आपका पता हटा दिया गया है।",
        "stop": "आपने माँगा था, इसलिए यह मिला है। आगे न पाने के लिए: {link}",
    },
    "id": {
        "subject": "Usulan: {title}",
        "question": "Seseorang, mungkin Anda, meminta surat tentang usulan “{title}”.",
        "confirm": "Jika Anda menginginkannya, nyatakan di sini: {link}",
        "ignore": "Jika tidak, abaikan saja: alamat dihapus setelah dua hari.",
        "reached": "Cukup banyak orang mendukungnya: kota harus menjawab paling lambat {due}.",
        "late": "Kota harus menjawab paling lambat {due}. Belum ada jawaban.",
        "accepted": "Kota menerimanya. Dampaknya akan diukur.",
        "declined": "Kota menolaknya.",
        "lapsed": "Dukungan tidak cukup pada waktunya: {count} dari {needed}. Usulan ditutup.",
        "measured": "Sudah dilaksanakan dan dampaknya diukur: {before} sebelum, {after} sesudah ({what}).",
        "ended": "Usulan diakhiri.",
        "where": "Perkembangannya: {link}",
        "last": "Ini surat terakhir. Alamat Anda telah dihapus.",
        "stop": "Anda menerima ini karena memintanya. Untuk berhenti: {link}",
    },
    "vi": {
        "subject": "Đề xuất: {title}",
        "question": "Có người, có lẽ là bạn, đã yêu cầu nhận thư về đề xuất “{title}”.",
        "confirm": "Nếu bạn muốn nhận, hãy xác nhận tại đây: {link}",
        "ignore": "Nếu không, bạn không cần làm gì: địa chỉ sẽ bị xóa sau hai ngày.",
        "reached": "Đủ người ủng hộ: thành phố phải trả lời chậm nhất {due}.",
        "late": "Thành phố phải trả lời chậm nhất {due}. Vẫn chưa có trả lời.",
        "accepted": "Thành phố chấp nhận đề xuất. Tác động sẽ được đo.",
        "declined": "Thành phố từ chối đề xuất.",
        "lapsed": "Không đủ người ủng hộ đúng hạn: {count} trên {needed}. Đề xuất đã đóng.",
        "measured": "Đã thực hiện và tác động đã được đo: trước {before}, sau {after} ({what}).",
        "ended": "Đề xuất đã kết thúc.",
        "where": "Tình hình: {link}",
        "last": "Đây là thư cuối. Địa chỉ của bạn đã được xóa.",
        "stop": "Bạn nhận thư này vì đã yêu cầu. Để không nhận nữa: {link}",
    },
    "th": {
        "subject": "ข้อเสนอ: {title}",
        "question": "มีคน ซึ่งน่าจะเป็นคุณ ขอรับจดหมายเกี่ยวกับข้อเสนอ “{title}”",
        "confirm": "ถ้าต้องการรับ โปรดยืนยันที่นี่: {link}",
        "ignore": "ถ้าไม่ต้องการ ไม่ต้องทำอะไร ที่อยู่จะถูกลบหลังสองวัน",
        "reached": "มีผู้สนับสนุนเพียงพอแล้ว เมืองต้องตอบภายใน {due}",
        "late": "เมืองต้องตอบภายใน {due} แต่ยังไม่ได้ตอบ",
        "accepted": "เมืองรับข้อเสนอแล้ว และจะวัดผลต่อไป",
        "declined": "เมืองไม่รับข้อเสนอ",
        "lapsed": "มีผู้สนับสนุนไม่พอในเวลาที่กำหนด: {count} จาก {needed} ข้อเสนอปิดแล้ว",
        "measured": "ทำเสร็จและวัดผลแล้ว: ก่อน {before} หลัง {after} ({what})",
        "ended": "ข้อเสนอสิ้นสุดแล้ว",
        "where": "ดูความคืบหน้า: {link}",
        "last": "นี่คือจดหมายฉบับสุดท้าย ที่อยู่ของคุณถูกลบแล้ว",
        "stop": "คุณได้รับข้อความนี้เพราะขอไว้ หากไม่ต้องการรับอีก: {link}",
    },
}
_SAID: Final = frozenset({State.ACCEPTED, State.DECLINED, State.MEASURED, State.ENDED})
"""Steps with words of the city's own; the others' were written by the hub, and the letter says the same."""


def to(address: str) -> str:
    """Where a letter to that address goes."""
    return f"mailto:{quote(address, safe='@')}"


def question(course: Course, language: str, link: str) -> dict[str, Any]:
    """Asks an address whether it wants letters; `link` is where its holder says so."""
    spoken, texts = _texts(language)
    title = _title(course)
    parts = [texts["question"].format(title=title), texts["confirm"].format(link=link), texts["ignore"]]
    return _letter(texts, spoken, title, parts)


def letter(course: Course, step: Step, language: str, link: str, *, page: str, zone: str) -> dict[str, Any]:
    """Tells one step; `page` is the proposal's, `link` ends the letters, days are those of the time zone."""
    spoken, texts = _texts(language)
    happened = "late" if step.late else str(step.state)
    figures = _figures(course, step, spoken, zone)
    # The state and who ended it are the hub's words; what the city says for it is in its own language.
    parts = [texts[happened].format(**figures), step.text if step.state in _SAID else ""]
    parts += [texts["where"].format(link=page), texts["last" if step.state in OVER else "stop"].format(link=link)]
    return {
        **_letter(texts, spoken, _title(course), parts),
        **({} if step.state in OVER else {"leave": f"{link}/stop"}),
    }


def _letter(texts: Mapping[str, str], language: str, title: str, parts: list[str]) -> dict[str, Any]:
    # A title may have any character but a line's end in a subject.
    subject = " ".join(texts["subject"].format(title=title).split())
    return {"subject": subject, "text": "\n\n".join(part for part in parts if part) + "\n", "language": language}


def _figures(course: Course, step: Step, language: str, zone: str) -> dict[str, str]:
    measured = step.measured or {}
    means = {name: measured.get(f"mean_{name}") for name in ("before", "after")}
    return {
        "due": _day(step.due, language, zone),
        "count": format_decimal(course.supporters, locale=language),
        "needed": format_decimal(course.proposal.needed if course.proposal else 0, locale=language),
        "what": " ".join(str(measured.get(name, "")) for name in ("attribute", "entity")),
        **{name: format_decimal(value or 0.0, "#,##0.##", locale=language) for name, value in means.items()},
    }


def _day(at: datetime | None, language: str, zone: str) -> str:
    return format_date(at.astimezone(ZoneInfo(zone)), "long", locale=language) if at is not None else ""


def _title(course: Course) -> str:
    return course.proposal.title if course.proposal else course.id


def _texts(language: str) -> tuple[str, Mapping[str, str]]:
    spoken = language.partition("-")[0].lower()
    return (spoken, _TEXTS[spoken]) if spoken in _TEXTS else ("en", _TEXTS["en"])
