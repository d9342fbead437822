"""A dataset's page: what it is in the reader's language, the same for programs within it (schema.org)."""

import json
import re

import pytest

from madang.web.language import LANGUAGES

from .civic import HTML, civic


@pytest.mark.parametrize("language", list(LANGUAGES))
async def test_a_dataset_is_described_to_people_and_programs(language: str) -> None:
    async with civic() as here:
        page = await here.site.get("/datasets/air-quality/about", params={"lang": language}, headers=HTML)
    assert page.status_code == 200
    (inside,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page.text, re.S)
    described = json.loads(inside)
    assert described["@type"] == "Dataset" and described["name"]
    assert (
        f"<h1>{described['name']}</h1>" in page.text or f'<h1><span lang="en">{described["name"]}</span>' in page.text
    )
