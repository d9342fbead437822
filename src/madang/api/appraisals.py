"""What the city's investments are worth, for everybody: each project's result, and what it is when an input is moved.

The arithmetic runs in a thread on draws made once a project (``appraise/case/board``); nothing here is stored.
"""

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeVar

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath

from madang.api.answer import plain
from madang.api.arguments import Arguments
from madang.api.body import read_json
from madang.api.docs import documented
from madang.api.problem import Call
from madang.api.rooms import Projects, rooms
from madang.errors import BadRequestData, MadangError

if TYPE_CHECKING:
    from madang.appraise.case.board import Board

_documented = partial(documented, "Projects", named=False)
T = TypeVar("T")
LARGEST: Final = 256_000
"""Characters of a project file that is tried."""


class Position(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where the sliders are: inputs by name, and perhaps another economic discount rate (a share a year)."""

    values: dict[str, float] = {}
    rate: float | None = None


class Trial(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A project file to try."""

    project: str


_POSITION: Final = {"values": {"hours like this one": 1200}, "rate": 0.03}
_TRIAL: Final = {"project": '[project]\ntitle = "…"'}
_PROJECT: Final = {"id": "signals", "title": "Adaptive signals at 21 junctions", "currency": "EUR", "years": 16}
_MOVED: Final = {"values": {"hours like this one": 1200}, "rate": 0.03, "enpv": 11_300_000, "p_loss": 0.01}
_SLIDER: Final = {"name": "hours like this one", "value": 900, "low": 450, "high": 1350, "unit": "h / year"}
_BOARD: Final = {**_PROJECT, "sliders": [_SLIDER], "moved": _MOVED, "draft": []}


@get("/projects", operation_class=_documented(example={"projects": [_PROJECT]}))
async def list_projects(request: Call) -> Response[bytes]:
    """The investments that the city appraises. One whose file has mistakes says which."""
    Arguments(request, ())
    projects = rooms(request).projects
    return plain({"projects": [await asyncio.to_thread(_line, projects, name) for name in projects.names()]})


@get("/projects/{project:str}", operation_class=_documented(example=_BOARD))
async def retrieve_project(request: Call, project: FromPath[str]) -> Response[bytes]:
    """A project: what it is worth as its file has it, the inputs that matter, why it is a draft, its conventions."""
    Arguments(request, ())
    board = await asyncio.to_thread(rooms(request).projects.board, project)
    return plain({"id": project, **await asyncio.to_thread(_told, board)})


@post("/projects/{project:str}/position", status_code=200, operation_class=_documented(body=_POSITION, example=_MOVED))
async def move_project(request: Call, project: FromPath[str]) -> Response[bytes]:
    """What the project is worth with inputs at other values, and perhaps at another discount rate."""
    Arguments(request, ())
    wanted = _read(await read_json(request), Position)
    board = await asyncio.to_thread(rooms(request).projects.board, project)
    return plain(await asyncio.to_thread(board.move, wanted.values, wanted.rate))


@post("/projects/trial", status_code=200, operation_class=_documented(body=_TRIAL, example=_BOARD))
async def try_project(request: Call) -> Response[bytes]:
    """What a project file is worth that somebody has written: nothing is kept, each mistake is told by its line."""
    Arguments(request, ())
    rooms(request).limits.take(request, "try projects", burst=20, every_s=2.0)
    wanted = _read(await read_json(request), Trial)
    if len(wanted.project) > LARGEST:
        raise BadRequestData(f"project: {len(wanted.project)} characters (at most {LARGEST})")
    board = await asyncio.to_thread(rooms(request).projects.tried, wanted.project)
    return plain({"id": "trial", **await asyncio.to_thread(_told, board)})


def _line(projects: Projects, name: str) -> dict[str, Any]:
    try:
        return {"id": name, **_about(projects.board(name))}
    except MadangError as error:
        return {"id": name, "mistakes": error.detail.splitlines()}


def _about(board: "Board") -> dict[str, Any]:
    about = board.case.form.project
    return {
        "title": about.title,
        "summary": about.summary,
        "without": about.without,
        "currency": about.currency,
        "first_year": about.first_year,
        "years": about.years,
        "draft": board.draft,
    }


def _told(board: "Board") -> dict[str, Any]:
    return {
        **_about(board),
        "rate": board.rate,
        "draws": board.draws,
        "sliders": board.sliders,
        "moved": board.own,
        "conventions": board.conventions,
    }


def _read(body: Any, kind: type[T]) -> T:
    try:
        return msgspec.convert(body, kind)
    except msgspec.ValidationError as error:
        raise BadRequestData(f"the body: {error}") from error
