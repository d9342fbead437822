"""From a registration to the JSON that is answered, names as the reader's @context has them (ETSI 5.2.9, 5.5.7)."""

from collections.abc import Collection
from typing import Any

from madang.model import time as times
from madang.model.context import Context
from madang.model.registration import Registration
from madang.model.registration.check import is_member
from madang.model.registration.read import renamed

SECRET = "contextSourceInfo"
"""What is sent to the source with each request: it may hold a token, so it is not for everybody."""


def write(
    one: Registration,
    context: Context,
    *,
    system: bool = False,
    secret: bool = True,
    only: Collection[int] | None = None,
) -> dict[str, Any]:
    """The body. `system` adds createdAt and modifiedAt, `secret` keeps contextSourceInfo, `only` are the elements of
    `information` that stay (None: all)."""
    body = {
        name if is_member(name) else context.compact(name): value
        for name, value in one.body.items()
        if secret or name != SECRET
    }
    information = renamed(one.body["information"], context.compact)
    body["information"] = [info for i, info in enumerate(information) if only is None or i in only]
    if system:
        body["createdAt"] = times.text(one.created_at)
        body["modifiedAt"] = times.text(one.modified_at)
    return body
