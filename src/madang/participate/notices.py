"""What who reported is told when the staff has done something: a letter by e-mail, a JSON object by webhook.

The texts are here and not in the pages' catalogues: they leave without a page. Those that no native speaker has read
yet are marked."""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote

from madang.model.dataset import text_of
from madang.model.report import Case, ReportKind

_TEXTS: Final[Mapping[str, Mapping[str, str]]] = {
    "en": {
        "subject": "Your report: {kind}",
        "closed": "Your report was closed.",
        "opened": "Your report was opened again.",
        "merged": "Your report was put together with another about the same matter.",
        "said": "There is an answer to your report.",
        "where": "How it stands: {link}",
        "why": "You get this because you left your address with the report. Nobody reads answers to this letter.",
    },
    "de": {
        "subject": "Ihre Meldung: {kind}",
        "closed": "Ihre Meldung wurde abgeschlossen.",
        "opened": "Ihre Meldung wurde wieder geöffnet.",
        "merged": "Ihre Meldung wurde mit einer anderen zum selben Anliegen zusammengelegt.",
        "said": "Es gibt eine Antwort auf Ihre Meldung.",
        "where": "Wie es steht: {link}",
        "why": "Sie erhalten dies, weil Sie bei der Meldung Ihre Adresse angegeben haben. Antworten liest niemand.",
    },
    # Machine drafts from here on.
    "ko": {
        "subject": "신고하신 내용: {kind}",
        "closed": "신고가 종결되었습니다.",
        "opened": "신고가 다시 접수되었습니다.",
        "merged": "신고가 같은 내용의 다른 신고와 합쳐졌습니다.",
        "said": "신고에 대한 답변이 있습니다.",
        "where": "처리 상황: {link}",
        "why": "신고할 때 주소를 남기셔서 보내 드립니다. 이 메일에 대한 답장은 읽지 않습니다.",
    },
    "hi": {
        "subject": "आपकी शिकायत: {kind}",
        "closed": "आपकी शिकायत बंद कर दी गई है।",
        "opened": "आपकी शिकायत फिर से खोली गई है।",
        "merged": "आपकी शिकायत को इसी विषय की दूसरी शिकायत के साथ जोड़ दिया गया है।",
        "said": "आपकी शिकायत का उत्तर आया है।",
        "where": "स्थिति: {link}",
        "why": "आपने शिकायत के साथ अपना पता दिया था, इसलिए यह आपको मिला है। इस पत्र के उत्तर कोई नहीं पढ़ता।",
    },
    "id": {
        "subject": "Laporan Anda: {kind}",
        "closed": "Laporan Anda telah ditutup.",
        "opened": "Laporan Anda dibuka kembali.",
        "merged": "Laporan Anda digabungkan dengan laporan lain tentang hal yang sama.",
        "said": "Ada jawaban untuk laporan Anda.",
        "where": "Perkembangannya: {link}",
        "why": "Anda menerima ini karena meninggalkan alamat pada laporan. Balasan surat ini tidak dibaca.",
    },
    "vi": {
        "subject": "Phản ánh của bạn: {kind}",
        "closed": "Phản ánh của bạn đã được đóng.",
        "opened": "Phản ánh của bạn đã được mở lại.",
        "merged": "Phản ánh của bạn đã được gộp với một phản ánh khác về cùng việc.",
        "said": "Đã có trả lời cho phản ánh của bạn.",
        "where": "Tình hình: {link}",
        "why": "Bạn nhận thư này vì đã để lại địa chỉ cùng phản ánh. Thư trả lời không có ai đọc.",
    },
    "th": {
        "subject": "เรื่องที่คุณแจ้ง: {kind}",
        "closed": "เรื่องที่คุณแจ้งปิดแล้ว",
        "opened": "เรื่องที่คุณแจ้งถูกเปิดอีกครั้ง",
        "merged": "เรื่องที่คุณแจ้งถูกรวมกับเรื่องเดียวกันที่มีผู้แจ้งไว้",
        "said": "มีคำตอบสำหรับเรื่องที่คุณแจ้ง",
        "where": "ดูความคืบหน้า: {link}",
        "why": "คุณได้รับข้อความนี้เพราะให้ที่อยู่ไว้กับเรื่องที่แจ้ง ไม่มีผู้อ่านข้อความตอบกลับ",
    },
}


def notices(case: Case, kind: ReportKind | None, *, address: str) -> list[tuple[str, dict[str, Any]]]:
    """Whom to tell of the last line of the log, and what: an address (mailto, https) and a body each. `address` is
    where the hub is reached. The link is the public one: the secret one is known to its holder alone."""
    if not case.log or case.log[-1].act not in _TEXTS["en"]:
        return []
    remark, report = case.log[-1], case.report
    language = case.contact.language.partition("-")[0]
    texts = _TEXTS.get(language, _TEXTS["en"])
    link = f"{address}/report/{report.id}"
    found: list[tuple[str, dict[str, Any]]] = []
    if case.contact.email:
        name = text_of(kind.name, language) if kind is not None else report.kind
        parts = [texts[remark.act], remark.text, texts["where"].format(link=link), texts["why"]]
        # A name of the city's folder may have any character but a line's end in a subject.
        subject = " ".join(texts["subject"].format(kind=name).split())
        letter = {"subject": subject, "text": "\n\n".join(part for part in parts if part) + "\n"}
        found.append(
            (
                f"mailto:{quote(case.contact.email, safe='@')}",
                {**letter, "language": language if texts is not _TEXTS["en"] else "en"},
            )
        )
    if case.contact.webhook:
        told = {
            "report": report.id,
            "kind": report.kind,
            "status": report.status,
            "act": remark.act,
            "words": remark.text,
        }
        found.append((case.contact.webhook, {**told, "link": link}))
    return found
