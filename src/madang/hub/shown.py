"""Pages of entities as they are written in answers. The text of each entity is kept for who asks again: to read, mask
and write an entity takes ten times as long as to see that it is the same.

What is kept follows from the entity's row, the reader's plan (an `Access`) and the form alone, and is found by these.
So a write, another policy, another purpose or recipient lead to another text at once. What changes by itself is not
kept: who has agreed is asked at each read, and of what will expire nothing is kept. Whom it is about is kept beside the
text, and each read of it is on record as any other.
"""

from collections.abc import Callable, Hashable
from datetime import datetime
from functools import partial
from itertools import count
from typing import Final, NamedTuple

from madang.govern import Caller
from madang.hub.gate import Gate
from madang.hub.uses import Uses, people_of
from madang.model.access import Access
from madang.model.alive import alive, ends
from madang.model.entity import Entity
from madang.model.query import EntityQuery
from madang.model.recent import Recent
from madang.model.row import Row, Rows

MOST_BYTES: Final = 4 << 20
"""Of rows and texts in a generation of what is kept; entities of those who have to agree count four times."""

_MOST_PLANS: Final = 256
"""Plans and forms that are told apart; more of them begin anew."""


class Form(NamedTuple):
    """How an entity is written: `write` makes its text, the same for the same entity and `key`."""

    key: Hashable
    write: Callable[[Entity], bytes]


class Texts(NamedTuple):
    """The texts of a page's entities, and how many there are in all where the query asked for it; `last` is the id
    after which the next page begins, "" where there is none."""

    texts: list[bytes]
    total: int | None
    last: str = ""


class _Kept(NamedTuple):
    row: Row
    text: bytes | None
    """None: it is not seen."""
    asked: Entity | None
    """The whole entity, where who has agreed decides whether it is seen."""
    told: tuple[tuple[str, list[str]], ...]
    """By dataset, of whom it tells."""


def _weight(kept: _Kept) -> int:
    size = sum(map(len, kept.row)) + len(kept.text or b"")
    return size if kept.asked is None else 4 * size


class Shown:
    """Pages for readers, each as its plan allows."""

    def __init__(self, gate: Gate, uses: Uses) -> None:
        self._gate = gate
        self._uses = uses
        self._kept: Recent[tuple[int, str], _Kept] = Recent(MOST_BYTES, _weight)
        self._numbers = count()
        self._plans: dict[tuple[int, Hashable], tuple[Access, int]] = {}

    async def page(self, caller: Caller, query: EntityQuery, form: Form) -> Texts | None:
        """What the store finds, as it was asked (`query.alive_at` and what it means of linked entities are said), as
        texts of whole entities; None where the store has no rows, by which to tell that an entity is the same."""
        access = self._gate.access(caller)
        told: dict[str, list[str]] = {}
        found = await self._gate.reading(caller).rows(query, access, partial(self._texts, query, access, form, told))
        if found is None:
            return None
        await self._uses.record(caller, told)
        (texts, last), total = found
        return Texts(texts, total, last)

    def forget(self) -> None:
        """Keep no text of what there is, nor the rows that they were made of."""
        self._kept.clear()

    def _texts(
        self, query: EntityQuery, access: Access, form: Form, told: dict[str, list[str]], page: Rows
    ) -> tuple[list[bytes], str]:
        """The texts, and where the next page begins; `told` gets of whom they tell."""
        number, recent, texts = self._number(access, form), self._kept, list[bytes]()
        for row in page.rows:
            key = number, row[0]
            kept = recent.get(key)
            if kept is None or kept.row != row:
                entity = page.read(*row)
                kept = _made(row, entity, query.alive_at, access, form)
                if ends(entity) is None:
                    recent.put(key, kept)
            if kept.text is None or (kept.asked is not None and not access.admits(kept.asked)):
                continue
            texts.append(kept.text)
            for dataset, people in kept.told:
                told.setdefault(dataset, []).extend(people)
        return texts, page.rows[-1][0] if len(page.rows) == query.limit > 0 else ""

    def _number(self, access: Access, form: Form) -> int:
        """Of plan and form. Both are held as long as the number is given out, so that no other is taken for them."""
        key = id(access), form.key
        known = self._plans.get(key)
        if known is None:
            if len(self._plans) >= _MOST_PLANS:
                self._plans.clear()
            known = self._plans[key] = access, next(self._numbers)
        return known[1]


def _made(row: Row, entity: Entity, now: datetime | None, access: Access, form: Form) -> _Kept:
    left = alive(entity, now) if now is not None else entity
    seen = access.part(left) if left is not None else None
    if left is None or seen is None:
        return _Kept(row, None, None, ())
    people = tuple([(about.dataset, people_of(about, left)) for about in access.whose(left)]) if access.personal else ()
    return _Kept(row, form.write(seen), left if access.asked(left.types) else None, people)
