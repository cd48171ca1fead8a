"""Invitation sheets by mail with their fate, and letters to handlers that say next to nothing."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from fenhe_client.console import passwords
from fenhe_hub.casework.book import open_casework
from fenhe_hub.casework.invitation_mails import mails_of
from fenhe_hub.casework.obliged import obliged_unit
from fenhe_hub.hub import Hub
from fenhe_hub.mailing.outgoing import send_due
from fenhe_hub.mailing.settings import MailSettings
from fenhe_hub.office import obliging
from fenhe_hub.office.acting import Office
from fenhe_hub.office.inviting import queue_sheets_again
from fenhe_hub.office.mail_outcomes import note_all
from fenhe_hub.office.roles import Permission
from fenhe_hub.office.staff import THE_HUB
from fenhe_hub.operations.complaints import tend_complaints
from fenhe_hub.sign_on.settings import SignOnSettings
from fenhe_protocol.encoding import date_at
from tests.client.post_office import post_office
from tests.hub.complaint_house import ComplaintHouse, with_key
from tests.hub.consoles import browsing, department, staffed
from tests.hub.dying import killed_before, mail_sheet
from tests.hub.fake_node import START
from tests.hub.houses import new_hub
from tests.hub.test_register import A, B, C, unit


@pytest.fixture(autouse=True)
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a password costs is kept beside it: these cost next to nothing."""
    monkeypatch.setattr(passwords, "COST", 2**4)


def mailing(hub: Hub, port: int, handlers: tuple[str, ...] = ()) -> Hub:
    mail = MailSettings(
        host="127.0.0.1", port=port, security="none", sender="hub@example.org", handlers=handlers
    )
    at = SignOnSettings(console_url="https://console.example.org/")
    return replace(hub, config=replace(hub.config, mail=mail, sign_on=at))


def delivered(hub: Hub, at: int) -> None:
    send_due(hub.home, hub.config.mail, at)
    note_all(Office(hub, lambda: at))


def fates(hub: Hub, uscc: str) -> Sequence[tuple[str, str, str]]:
    with open_casework(hub.home) as casework:
        return [(x.number, x.address, x.state) for x in mails_of(casework.db, uscc)]


async def test_sheets_go_to_all_who_have_a_mailbox_and_again_to_those_that_failed(
    tmp_path: Path,
) -> None:
    with post_office() as post:
        post.refuses["b@example.org"] = "550 no such user"
        hub = mailing(new_hub(tmp_path / "hub"), post.port)
        listed = [replace(unit(x), mailbox=f"{n}@example.org") for x, n in ((A, "a"), (B, "b"))]
        obliging.list_units(Office(hub, lambda: START), THE_HUB, [*listed, unit(C)])
        same = obliging.list_units(Office(hub, lambda: START), THE_HUB, [unit(A)])
        assert same.same == (A,)  # a list without mailboxes takes none away
        staffed(hub, "operator-1")
        async with browsing(hub) as browser:
            await browser.sign_in("operator-1")
            assert "2 个单位寄邀请单" in (await browser.get("/obliged"))[1]
            assert (await browser.send("/obliged-mail", []))[0] == 200
            delivered(hub, START + 5)
            assert fates(hub, A) == [("I-2026-0001", "a@example.org", "accepted")]
            assert fates(hub, B) == [("I-2026-0002", "b@example.org", "failed")]
            _, text, _ = await browser.get("/obliged?mail=failed")
            assert B in text and A not in text and "1 个单位寄邀请单" in text
            assert "no such user" in (await browser.get(f"/obliged/{B}"))[1]
            path = f"/obliged/{B}/mail"
            assert (await browser.send(path, [("address", "12345@qq.com")]))[0] == 422
            assert (await browser.send(path, [("address", "new@example.org")]))[0] == 200
            delivered(hub, START + 9)
    assert fates(hub, B)[0] == ("I-2026-0003", "new@example.org", "accepted")
    first = post.letters[0]
    assert first["Subject"].startswith("[I-2026-0001]")
    assert hub.fingerprint[:4] in first.get_content() and "fenhe-node setup" in first.get_content()
    with open_casework(hub.home) as casework:
        found = obliged_unit(casework.db, B)
    assert found and found.mailbox == "new@example.org" and found.invited_at == START


async def test_a_sheet_killed_between_act_and_queue_goes_out_once(tmp_path: Path) -> None:
    with post_office() as post:
        hub = mailing(new_hub(tmp_path / "hub"), post.port)
        obliging.list_units(Office(hub, lambda: START), THE_HUB, [unit(A), unit(B)])
        for uscc in (A, B):
            told = (START, uscc, "office@example.org", hub.config)
            await killed_before("letter", mail_sheet, hub.home.path, *told)
        office = Office(hub, lambda: START + 60)
        obliging.release(office, THE_HUB, B, how="removed", reason="示例")
        assert (queue_sheets_again(office), queue_sheets_again(office)) == (1, 0)
        delivered(hub, START + 90)
        assert queue_sheets_again(office) == 0
    (letter,) = post.letters
    assert letter["Subject"].startswith("[I-2026-0001]")
    assert date_at(START) in letter.get_content()
    assert fates(hub, A) == [("I-2026-0001", "office@example.org", "accepted")]


async def written_to(house: ComplaintHouse) -> None:
    """The administrator says where the department reads its mail."""
    async with browsing(house.hub) as browser:
        await browser.sign_in("administrator-1")
        await browser.get("/authorities/JYT")
        form = [("address", "jyt-tousu@example.org")]
        assert "jyt-tousu" in (await browser.send("/authorities/JYT/mailbox", form))[1]


async def test_a_case_that_came_or_is_late_is_told_by_its_number_alone_and_once(
    tmp_path: Path,
) -> None:
    with post_office() as post:
        hub = mailing(new_hub(tmp_path / "hub"), post.port, ("tousu@example.org",))
        house = with_key(hub, START)
        department(hub, "JYT", A)
        staffed(hub, "administrator-1")
        await written_to(house)
        number = house.complain("unit", A)
        for _ in range(2):
            tend_complaints(hub, lambda: START + 9)
        send_due(hub.home, hub.config.mail, START + 9)
        told = [
            (to, letter["Subject"])
            for (_, (to,)), letter in zip(post.envelopes, post.letters, strict=True)
        ]
        assert sorted(told) == [
            ("jyt-tousu@example.org", f"[{number}] 有一件投诉待处理"),
            ("tousu@example.org", f"[{number}] 有一件投诉待处理"),
        ]
        where = f"https://console.example.org/complaints/{number}"
        said = [f"有一件投诉待处理：{number}", "", where]
        assert post.letters[0].get_content().splitlines() == said
        with house.office.turn() as casework:
            route = {"route": "authority", "due": date_at(START), "unit": A}
            routed = (Permission.HANDLE, "complaint.routed", number, route)
            house.office.do(casework, THE_HUB, *routed)
        for _ in range(2):
            tend_complaints(hub, lambda: START + 3 * 86_400)
        send_due(hub.home, hub.config.mail, START + 4 * 86_400)
        assert [x["Subject"] for x in post.letters[2:]] == [
            f"[{number}] 投诉超过答复日期 {date_at(START)}"
        ] * 2
