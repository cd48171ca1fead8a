"""The gateway reads again what it stores: each sealed line by its own seal, and quotes none."""

import asyncio
import json
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from fenhe_hub.cli import main
from tests.hub.gateway_house import SECRETS, House, gateway_house


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with gateway_house(tmp_path) as house:
        house.serve_users(house.sealed("S-1"), house.sealed("S-2"))
        await house.province.sync()
        await house.take()
        yield house


async def check(
    house: House, capsys: pytest.CaptureFixture[str], *, code: int
) -> list[dict[str, Any]]:
    """What the command finds, as JSON; what it says names nobody."""
    capsys.readouterr()
    words = ["--home", str(house.gateway.path), "gateway", "check-files"]
    assert await asyncio.to_thread(main, words) == code
    assert await asyncio.to_thread(main, [*words, "--json"]) == code
    text, _, told = capsys.readouterr().out.rpartition("\n{")
    assert not any(secret in text + told for secret in SECRETS)
    findings: list[dict[str, Any]] = json.loads("{" + told)["findings"]
    return findings


async def test_what_is_whole_is_well(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    assert await check(house, capsys, code=0) == []


async def test_a_flipped_bit_in_a_sealed_line_is_found(
    house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    with closing(sqlite3.connect(house.gateway.store)) as db, db:
        query = "SELECT idx, body FROM line WHERE tier='nat' ORDER BY idx LIMIT 1"
        index, body = db.execute(query).fetchone()
        at = len(body) // 2
        letter = b"A" if body[at : at + 1] != b"A" else b"B"
        changed = body[:at] + letter + body[at + 1 :]
        db.execute("UPDATE line SET body=? WHERE tier='nat' AND idx=?", (changed, index))
    (finding,) = await check(house, capsys, code=4)
    assert finding["where"] == f"{house.node.origin}/usage#{index}"
    assert "cursor.d" in finding["advice"]


@pytest.mark.parametrize("name", ["store.sqlite", "outbox.sqlite"])
async def test_a_damaged_database_is_found(
    house: House, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    file = house.gateway.path / name
    file.write_bytes(b"SQLite format 3\0" + b"\xff" * (len(file.read_bytes()) - 16))
    for rest in file.parent.glob(f"{name}-*"):
        rest.unlink()
    (finding,) = await check(house, capsys, code=4)
    assert (finding["where"], finding["path"]) == ("sqlite", name)


@pytest.mark.parametrize("at", [30, -9])
async def test_damaged_root_documents_are_told_before_it_is_opened(
    house: House, capsys: pytest.CaptureFixture[str], at: int
) -> None:
    file = house.gateway.path / "public/root/1"
    raw = bytearray(file.read_bytes())
    raw[at] ^= 1
    file.write_bytes(raw)
    (finding,) = await check(house, capsys, code=4)
    assert finding["path"] == "root/1" and "backup" in finding["advice"]


async def test_a_cursor_that_is_none_is_found(
    house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    house.gateway.cursor.write_text("{")
    (finding,) = await check(house, capsys, code=4)
    assert finding["path"] == "cursor"
