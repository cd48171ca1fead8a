"""A notice that is erased for good: shown on no page, sent in no letter; what was decided stays."""

import asyncio
from contextlib import closing
from pathlib import Path

import pytest

from fenhe_hub.casework.notices import notices_to
from fenhe_hub.cli import main
from fenhe_hub.desk.unfinished import say_unfinished
from fenhe_hub.index.tables import open_index
from fenhe_hub.mailing.outgoing import Outgoing
from fenhe_hub.office.acting import Office
from fenhe_hub.office.noticing import compose, send, send_by_mail
from fenhe_hub.office.staff import THE_HUB
from fenhe_hub.visiting.workshop import system_clock
from fenhe_protocol.errors import RequestError
from fenhe_protocol.notice import Notice
from tests.hub.dying import erase_at, killed_before
from tests.hub.provinces import Province, founded

SECRET = "不该写的一段话"


async def said(province: Province) -> str:
    """A public notice as it stands in `fed`; its place."""
    hub, node = province.hub, province.nodes[0]
    office = Office(hub, lambda: province.now)
    notice = Notice("N-2026-0001", node.origin, SECRET, title=f"{SECRET}的标题", is_public=True)
    with office.turn() as casework:
        send(office, casework, THE_HUB, notice, node.uscc)
    send_by_mail(office, THE_HUB, notice.number, "office@example.org")
    await province.sync(60)
    await province.sync(60)
    with closing(open_index(hub.home.index)) as db:
        (index,) = db.execute("SELECT idx FROM said WHERE kind = 'ntc'").fetchone()
    return f"{hub.fed_origin}#{index}"


def shown(province: Province) -> list[tuple[str, str]]:
    """Title and text of what was written to the unit, from tables made again."""
    for file in province.hub.home.path.glob("casework.sqlite*"):
        file.unlink()
    with Office(province.hub, system_clock).casework() as casework:
        found = notices_to(casework.db, province.nodes[0].uscc)
    return [(each.word.title, each.word.text) for each in found]


def letters(province: Province) -> int:
    with Outgoing.open(province.hub.home) as outgoing:
        return len(outgoing.of(province.nodes[0].uscc))


async def test_an_erased_notice_is_shown_nowhere_and_still_is_known_to_have_been_sent(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with founded(tmp_path, 1) as province:
        home = str(province.hub.home.path)
        place = await said(province)
        assert shown(province) == [(f"{SECRET}的标题", SECRET)] and letters(province) == 1
        asked = ["--home", home, "erase", place, "--reason", "error"]
        assert await asyncio.to_thread(main, asked) == 0
        assert shown(province) == [("", "（内容已彻底删除 erased）")] and letters(province) == 0
        assert "彻底删除" in capsys.readouterr().out
        lines = (province.hub.home.path / "public" / "fed").rglob("body/pub/*")
        assert not [file for file in lines if SECRET.encode() in file.read_bytes()]


async def test_an_erasure_that_was_killed_is_said_once_it_is_done(tmp_path: Path) -> None:
    async with founded(tmp_path, 1) as province:
        place, home = await said(province), province.hub.home.path
        office = Office(province.hub, system_clock)
        await killed_before("erasing", erase_at, home, place)
        assert say_unfinished(office) == [] and shown(province)[0][1] == SECRET
        await killed_before("dropping", erase_at, home, place)  # its letter still waits
        assert [act.name for act in say_unfinished(office)] == ["notice.erased"]
        assert shown(province)[0][1] != SECRET and letters(province) == 0


@pytest.mark.parametrize("is_public", [True, False])
def test_no_notice_holds_what_looks_personal(is_public: bool, tmp_path: Path) -> None:
    class Said:
        uscc = "12140000000000027P"

    notice = Notice("N-1", "u1.example/fenhe", "请联系 13800000000", is_public=is_public)
    with pytest.raises(RequestError, match=r"notice\.form"):
        compose(Said, notice)  # type: ignore[arg-type]
