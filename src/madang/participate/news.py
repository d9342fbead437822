"""What becomes of proposals, as items of a feed: that one was made, and each step that it took."""

from collections.abc import Sequence

from madang.model.feed import Item
from madang.model.proposal import Step
from madang.participate.proposals import Course

_ERASED = "The words were erased."


def items(courses: Sequence[Course], address: str) -> list[Item]:
    """An item a proposal and an item a step, the newest first; `address` is where this hub is."""
    found = [item for course in courses for item in _items(course, f"{address}/proposals/{course.id}")]
    return sorted(found, key=lambda item: item.at, reverse=True)


def _items(course: Course, page: str) -> list[Item]:
    said = course.proposal
    title, language = (said.title, said.language) if said else (_ERASED, "en")
    steps = [
        Item(
            id=f"{page}#{_called(step)}",
            page=page,
            title=f"{title}: {_called(step)}",
            at=step.at,
            summary=step.text,
            category=str(step.state),
        )
        for step in course.steps
    ]
    if said is None:
        return steps
    words = f"{said.text}\n\n{said.needed} people oblige an answer."
    made = Item(id=page, page=page, title=title, at=said.at, summary=words, category="open", language=language)
    return [made, *steps]


def _called(step: Step) -> str:
    return "late" if step.late else str(step.state)
