"""The ledger's log over HTTP: signed heads, proofs, entries, all of it as a file. See docs/ledger.md."""

from functools import partial
from typing import Any, Final

from litestar import Response, get
from litestar.response import Stream

from madang.account.export import export as lines
from madang.account.export import line, receipt
from madang.account.jws import jwk
from madang.api.answer import plain
from madang.api.arguments import Arguments
from madang.api.docs import documented
from madang.api.problem import Call
from madang.api.rooms import rooms
from madang.api.visible import opens, sight
from madang.errors import BadRequestData

PATH: Final = "/ledger"
_MOST: Final = 1000
_HEAD: Final = {
    "size": 4711,
    "root": "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    "at": "2026-03-01T07:30:00Z",
    "log": "9f86d081884c7d65",
    "signature": "…",
}
_LEAF: Final = {
    "sequence": 4711,
    "id": "signals-4711",
    "kind": "decision",
    "at": "2026-03-01T07:30:00Z",
    "commitment": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
}
_documented = partial(documented, "Ledger", named=False)


@get(PATH + "/key", operation_class=_documented(example={"algorithm": "Ed25519", "id": "9f86…", "public": "…"}))
async def ledger_key(request: Call) -> Response[bytes]:
    """Retrieve the public key that checks heads and receipts. Keep a copy: who gets both from here trusts us twice."""
    Arguments(request, ())
    key = rooms(request).account.log.key
    return plain({"algorithm": "Ed25519", "id": key.id, "public": key.public, "jwk": jwk(key)})


@get(PATH + "/head", operation_class=_documented(query=("size",), example=_HEAD))
async def ledger_head(request: Call) -> Response[bytes]:
    """Retrieve the signed head of the log: how many entries it has, and the root over them."""
    given = Arguments(request, ("size",))
    return plain(await rooms(request).account.log.head(given.number("size", least=1)))


@get(PATH + "/proof", operation_class=_documented(query=("entry", "size"), example={"proof": {"leaf": _LEAF}}))
async def ledger_proof(request: Call) -> Response[bytes]:
    """Retrieve a receipt: the entry, and the proof that it is in the log. `madang verify` checks it offline."""
    given = Arguments(request, ("entry", "size"))
    id = given.text("entry")
    if id is None:
        raise BadRequestData("say which entry: /ledger/proof?entry=signals-4711")
    opened = partial(opens, access=sight(request))
    found = await receipt(rooms(request).account, id, size=given.number("size", least=1), opens=opened)
    return plain(found)


@get(PATH + "/consistency", operation_class=_documented(query=("from#size", "to#size"), example={"path": ["…"]}))
async def ledger_consistency(request: Call) -> Response[bytes]:
    """Retrieve the proof that the log of one size goes on from that of another: nothing was taken out or changed."""
    given = Arguments(request, ("from", "to"))
    first = given.number("from")
    if first is None:
        raise BadRequestData("say from which size: /ledger/consistency?from=100&to=200")
    return plain(await rooms(request).account.log.consistency(first, given.number("to")))


@get(PATH + "/entries", operation_class=_documented(query=("from#entry", "to#entry"), example={"entries": [_LEAF]}))
async def ledger_entries(request: Call) -> Response[bytes]:
    """List entries by number: what the log has of each, and its body where that may be shown. `next` is the `from` of
    the next page, or null."""
    given = Arguments(request, ("from", "to"))
    account, access = rooms(request).account, sight(request)
    size = (await account.log.tree()).size
    first = given.number("from", 1, least=1) or 1
    last = min(given.number("to", size) or size, size)
    found = await account.entries(first, min(last, first + _MOST - 1))
    following = first + _MOST if last >= first + _MOST else None
    body: dict[str, Any] = {
        "entries": [line(entry, shown=opens(entry, access)) for entry in found],
        "next": following,
        "size": size,
    }
    return plain(body)


@get(PATH + "/export", operation_class=_documented(example=_LEAF, media=("application/x-ndjson",)))
async def ledger_export(request: Call) -> Stream:
    """Download the whole log: a line with the signed head, then a line an entry. `madang verify` checks the file."""
    Arguments(request, ())
    account = rooms(request).account
    await account.log.head()
    found = lines(account, partial(opens, access=sight(request)))
    headers = {"Content-Disposition": 'attachment; filename="ledger.ndjson"'}
    return Stream(found, media_type="application/x-ndjson", headers=headers)
