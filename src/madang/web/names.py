"""What the data's own words are called on the pages: in English here, in other languages by the catalogues."""

CONTROL = {
    "service": "Decided by the service",
    "plan": "Fixed plan",
    "override": "Operator's override",
}
"""Who controls a junction (``TrafficSignal.control``)."""

LAMP = {"r": "red", "y": "yellow", "g": "green", "u": "red and yellow", "o": "off"}
"""The lamps of one link (``TrafficSignal.lamps``), in lower case."""

PART = {"running": "running", "starting": "starting", "gone": "gone"}
"""How a part of the system is (``/health``)."""

VOTE = {"aye": "For", "no": "Against", "abstain": "Abstained", "recuse": "Recused"}
"""How a member voted."""

ACT = {"approve": "Approve", "suspend": "Suspend", "revoke": "Revoke the mandate"}
"""What a resolution does to a service."""

MINUTES = {
    "motion": "Motion",
    "vote": "Vote",
    "motion-close": "Vote closed",
    "resolution": "Resolution",
    "answer": "Answer to an objection",
    "carried": "Carried",
    "lost": "Not carried",
    "aye": "For",
    "no": "Against",
    "abstain": "Abstained",
    "recuse": "Recused",
    "approve": "Approve",
    "suspend": "Suspend",
    "revoke": "Revoke the mandate",
    "upheld": "Upheld",
    "partly-upheld": "Upheld in part",
    "rejected": "Rejected",
    "explained": "Explained",
}
"""Kinds of lines in a committee's minutes, and what they say happened."""

OBJECTION = {"open": "Waits for an answer", "overdue": "The answer is late", "answered": "Answered", "erased": "Erased"}
"""Where an objection stands."""


FAULT = {
    400: ("That did not work", "The hub did not accept what was asked. What it says of it stands below."),
    401: ("Please sign in", "This is not for everybody to see or to do. Sign in, and try again."),
    403: ("Not allowed", "You may not see or do this. What the hub says of it stands below."),
    404: ("Not found", "There is nothing at this address. It may have been mistyped, or what it showed is gone."),
    409: ("Already so", "It has changed since you looked, or exists already. Look again, and try again."),
    413: ("Too large", "What was sent is larger than the hub takes. Send less, or a smaller file."),
    429: ("Too often", "You have asked too often. Wait a moment, and try again."),
    500: ("Something went wrong", "The fault is here, not with you. It is in the log; try again in a moment."),
    503: ("Not ready", "A part of the system does not run now. Try again in a moment."),
}
"""What went wrong and what to do, by HTTP status; 400 and 500 stand for all others below and from 500."""


PROPOSAL = {
    "open": "Gathers support",
    "reached": "Waits for an answer",
    "late": "The answer is late",
    "accepted": "Accepted; its effect is to be measured",
    "declined": "Declined",
    "lapsed": "Not enough support in time",
    "measured": "Done and measured",
    "ended": "Ended",
}
"""Where a proposal stands."""


LETTERS = {
    "asked": "This address gets no letters yet: say that you want them.",
    "confirmed": "This address gets letters about the proposal.",
    "none": "This address gets no letters: it is not kept here.",
}
"""Whether an address gets letters about a proposal."""


REPORT = {"open": "Open", "closed": "Closed"}
"""How a report stands."""

REPORTED_BY = {"reporter": "Who reported it", "anybody": "Somebody", "staff": "The city"}
"""Who did something with a report."""

REPORT_ACT = {
    "said": "Wrote",
    "opened": "Opened it again",
    "closed": "Closed it",
    "merged": "Put it together with another report",
    "assigned": "Gave it to",
    "pictured": "Added a photo",
}
"""What was done with a report."""

CHANNEL = {
    "web": "On this page",
    "api": "By an app",
    "phone": "By telephone",
    "kiosk": "At a kiosk",
    "assisted": "With help",
}
"""By which way a report came."""

SENSED = {
    "camera": "Camera or radar at a junction",
    "signal": "Traffic signal",
    "air": "Air station",
    "bus": "Bus line",
    "place": "Place",
}
"""What senses or acts, of the kinds that have a page of their own."""

SENSITIVITY = {
    "public": "Anybody may read it",
    "internal": "The city's staff reads it",
    "personal": "About people: whom the declaration names, for its purposes",
    "special": "About people, of a specially protected kind: whom the declaration names, for its purposes",
}
"""Who may read a dataset."""

WISH = {
    "access": "Tell me what you have",
    "portability": "Give me my data to take elsewhere",
    "rectification": "Correct it",
    "erasure": "Delete it",
    "objection": "Do not use it",
}
"""What a person asks for (GDPR, articles 15 to 21)."""

REQUEST = {"open": "Waits for an answer", "granted": "Done", "refused": "Refused"}
"""How a person's request stands."""


def called(names: dict[str, str], word: object) -> str:
    """The name of a word of the data, or the word itself where it has none."""
    return names.get(str(word).lower(), str(word))
