"""The mail server that the city writes through."""

import msgspec


class Mail(msgspec.Struct, frozen=True, kw_only=True):
    """`address` is the server's: smtp://user:password@host:587 (with STARTTLS where it offers that, and always with a
    password) or smtps://user:password@host:465; empty: there is none. `sender` is who writes."""

    address: str = ""
    sender: str = ""
