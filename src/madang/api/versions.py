"""Which version of the standard an answer conforms to, for who prefers one (ETSI GS CIM 009 v1.9.1, 6.3.6, 4.3.6.8).

``Prefer: ngsi-ld=1.6`` is honoured where it can be: the entities of the answer are amended, and Preference-Applied says
the version; where something was amended the status is 203 (tables 6.5.3.1-3, 6.34.3.1-1). A version that is later than
the hub's own gets the hub's own; one that is none is passed over.
"""

import re
from typing import Final
from urllib.parse import parse_qsl

import msgspec

from madang.api.message import Answer
from madang.api.problem import Call
from madang.model.earlier import OWN, as_of, print_version, read_version

_PREFERS = re.compile(r'(?:^|[,;\s])ngsi-ld\s*=\s*"?([0-9.]+)')
_ENTITIES: Final = re.compile(r"/ngsi-ld/v1/(temporal/)?(entities|entityOperations/query)(/[^/]*)?/?")
_BARE: Final = frozenset(("keyValues", "simplified"))


def preferred(request: Call, answer: Answer) -> Answer:
    """The answer as the request prefers it: itself, or another one."""
    header = request.headers.get("prefer")
    found = _PREFERS.search(header) if header and answer.status_code == 200 and answer.content else None
    wanted = read_version(found[1]) if found else None
    if wanted is None:
        return answer
    version, content, status = min(wanted, OWN), answer.content, 200
    place = _ENTITIES.fullmatch(request.url.path)
    if place and version < OWN:
        given = parse_qsl(request.scope["query_string"].decode("ascii", "replace"))
        names = {item for name, text in given if name in ("options", "format") for item in text.split(",")}
        before = msgspec.json.decode(content)
        body = as_of(before, version, bare=bool(names & _BARE), past=place[1] is not None)
        if body != before:
            content, status = msgspec.json.encode(body), 203
    headers = {**answer.headers, "Preference-Applied": f"ngsi-ld={print_version(version)}"}
    return Answer(content, status_code=status, media_type=str(answer.media_type), headers=headers)
