"""How complete each language of the pages is, and its texts to take home: a machine wrote the first draft."""

from litestar import Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from madang.errors import ResourceNotFound
from madang.web.client import Asked
from madang.web.language import LANGUAGES
from madang.web.pages import Pages
from madang.web.words import LOCALE, drafts


def pages(pages: Pages) -> list[HTTPRouteHandler]:
    """The handlers of ``/translation`` and ``/translation/{language}``."""

    @get("/translation", include_in_schema=False, name="translation")
    async def translation(request: Asked) -> Response[str]:
        visit = await pages.visit(request)
        rows = [
            {"tag": tag, "name": LANGUAGES[tag], "drafts": count, "texts": texts}
            for tag in list(LANGUAGES)[1:]
            for count, texts in [drafts(tag)]
        ]
        return await pages.show(visit, "translation.html", {"rows": rows})

    @get("/translation/{language:str}", include_in_schema=False, name="translation file")
    async def file(language: FromPath[str]) -> Response[bytes]:
        source = LOCALE / language / "page.po"
        if language not in LANGUAGES or not source.is_file():
            raise ResourceNotFound(f"There is no translation '{language}'; /translation lists those that there are.")
        headers = {"Content-Disposition": f'attachment; filename="madang-{language}.po"'}
        return Response(source.read_bytes(), media_type="text/x-gettext-translation; charset=utf-8", headers=headers)

    return [translation, file]
