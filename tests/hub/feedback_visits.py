"""Somebody who fills in the public form of a served hub."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from fenhe_hub.index.tables import open_index
from tests.hub.complaint_house import (
    NAME,
    PHONE,
    STORY,
    ComplaintHouse,
    with_key,
)
from tests.hub.fake_node import START
from tests.hub.houses import Visitor, new_hub, served
from tests.hub.pages import Page


@asynccontextmanager
async def open_door(
    tmp_path: Path, **settings: int
) -> AsyncIterator[tuple[Visitor, ComplaintHouse]]:
    """A served hub that takes complaints as soon as they are sent."""
    house = with_key(new_hub(tmp_path / "hub"), START, **{"least_seconds": 0, **settings})
    open_index(house.hub.home.index).close()
    async with served(house.hub) as visitor:
        yield visitor, house


async def page_of(visitor: Visitor, path: str, status: int = 200) -> Page:
    async with visitor.session.get(f"{visitor.hub.config.public_url}{path}") as answer:
        assert answer.status == status, await answer.text()
        return Page(await answer.text())


async def send(
    visitor: Visitor,
    form: dict[str, str],
    *,
    path: str = "/feedback",
    status: int = 200,
    headers: dict[str, str] | None = None,
) -> Page:
    url = f"{visitor.hub.config.public_url}{path}"
    async with visitor.session.post(url, data=form, headers=headers) as answer:
        assert answer.status == status, await answer.text()
        if status in (200, 422):
            assert answer.headers["Cache-Control"] == "no-store"
        assert not answer.cookies
        return Page(await answer.text())


def ticket_of(page: Page) -> str:
    return next(str(e["value"]) for e in page.all("input") if e.get("name") == "ticket")


async def filled(visitor: Visitor, **fields: str) -> dict[str, str]:
    ticket = ticket_of(await page_of(visitor, "/feedback"))
    said = {"category": "platform", "text": STORY, "contact": f"{NAME} {PHONE}"}
    return {**said, "ticket": ticket, **fields}


def case_of(page: Page) -> tuple[str, str]:
    number = re.search(r"C-\d{4}-\d{4}", page.words())
    secret = re.search(r"(?:[0-9A-Z]{5}-){3}[0-9A-Z]{5}", page.words())
    assert number and secret
    return number[0], secret[0]
