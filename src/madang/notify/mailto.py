"""Messages by e-mail, through the city's own mail server (RFC 5321, 5322): plain text, to one address, from one."""

import asyncio
import smtplib
import ssl
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from urllib.parse import unquote, urlsplit

import msgspec

from madang.errors import Undelivered
from madang.model.parcel import Address, Parcel
from madang.notify.mail import Mail
from madang.notify.reach import Reach

TIMEOUT_S = 20.0


class Letter(msgspec.Struct, frozen=True):
    """What a parcel has to say to somebody who reads mail; `leave` is the address that ends such letters when it is
    posted to (RFC 8058): programs of mail show a button for it."""

    subject: str
    text: str
    language: str = ""
    leave: str = ""


class MailCourier:
    """One connection a message: there are few, and a mail server wants none kept."""

    def __init__(self, mail: Mail) -> None:
        self._mail = mail

    async def send(self, address: Address, parcel: Parcel) -> None:
        """Hand the letter to the server. Raises Undelivered."""
        if not self._mail.address:
            raise Undelivered("there is no mail server: set MADANG_MAIL and MADANG_MAIL_FROM")
        try:
            letter = msgspec.json.decode(parcel.body, type=Letter)
            message = _message(letter, unquote(address.uri.removeprefix("mailto:")), self._mail.sender)
            await asyncio.to_thread(_deliver, self._mail.address, message)
        except (smtplib.SMTPException, OSError, ValueError, msgspec.DecodeError) as problem:
            raise Undelivered(f"mail: {problem}") from None

    async def close(self) -> None:
        """There is nothing to close."""


def _message(letter: Letter, to: str, sender: str) -> EmailMessage:
    """Raises ValueError where a header would have a line of its own."""
    message = EmailMessage()
    message["Subject"], message["From"], message["To"] = letter.subject, sender, to
    message["Date"], message["Message-ID"] = formatdate(), make_msgid(domain=sender.rpartition("@")[2].strip("> "))
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(letter.text)
    if letter.language:
        message["Content-Language"] = letter.language
    if letter.leave:
        message["List-Unsubscribe"], message["List-Unsubscribe-Post"] = (
            f"<{letter.leave}>",
            "List-Unsubscribe=One-Click",
        )
    return message


def _deliver(server: str, message: EmailMessage) -> None:
    parts = urlsplit(server)
    host, context = parts.hostname or "", ssl.create_default_context()
    if parts.scheme == "smtps":
        connection = smtplib.SMTP_SSL(host, parts.port or 465, timeout=TIMEOUT_S, context=context)
    else:
        connection = smtplib.SMTP(host, parts.port or 587, timeout=TIMEOUT_S)
    with connection:
        connection.ehlo()
        if parts.scheme == "smtp" and (connection.has_extn("starttls") or parts.password):
            connection.starttls(context=context)
            connection.ehlo()
        if parts.username and parts.password:
            connection.login(unquote(parts.username), unquote(parts.password))
        connection.send_message(message)


def courier(reach: Reach, mail: Mail) -> MailCourier:
    """The courier of this way."""
    return MailCourier(mail)
