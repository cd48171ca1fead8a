"""A measure from end to end: proposed, decided, said to a real node, answered, shown, revoked."""

import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, closing
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from xml.etree import ElementTree as Xml

import pytest
from aiohttp import ClientSession, web

from deploy.demo.ports import free_port
from fenhe_client.fetching.addresses import PRIVATE_TOO
from fenhe_client.fetching.fetch import Web
from fenhe_client.fetching.listening import make_runner
from fenhe_client.fetching.signing import request_signer
from fenhe_hub.casework import journal, notices
from fenhe_hub.casework.course import Kind
from fenhe_hub.casework.notices import SentNotice
from fenhe_hub.desk.applying import enrol_by_document
from fenhe_hub.desk.enrolling import enrol_unit
from fenhe_hub.hub import Hub
from fenhe_hub.index.replies import reply_to
from fenhe_hub.index.tables import create_index
from fenhe_hub.office import measures
from fenhe_hub.office.acting import Office
from fenhe_hub.office.document import Document
from fenhe_hub.office.proposal import Proposal
from fenhe_hub.office.roles import Role
from fenhe_hub.office.staff import THE_HUB, Staff
from fenhe_hub.visiting.workshop import publish_owed, sync_once
from fenhe_hub.web.app import make_app
from fenhe_hub.web.serving import Serving
from fenhe_node.hubs.looking import look
from fenhe_node.hubs.push import push_hubs
from fenhe_node.hubs.trust import enrol_hub, refresh
from fenhe_node.node import Node, open_node
from fenhe_node.store import Store
from fenhe_node.store import notices as kept
from fenhe_node.store.notices import KeptNotice
from fenhe_protocol.origin import origin_hash
from tests.federation.push_house import configure
from tests.hub.epochs import end_fed
from tests.hub.houses import new_hub
from tests.node.consoles import browsing
from tests.node.homes import NOW, UNIT, Clock, instrument, new_node, publish_all, put
from tests.node.serving import application

OPERATOR = Staff("operator1", Role.OPERATOR)
FINDING = f"{UNIT}/D2/instrument/A-1"
PAPER = Document("晋示例发〔2026〕1号", "2026-11-23", "示例主管部门")
ATOM = "{http://www.w3.org/2005/Atom}"


@dataclass
class Meeting:
    """A served hub and one unit's node, which is visited or only pushes."""

    hub: Hub
    node: Node
    clock: Clock
    pushes: bool
    session: ClientSession
    serving: Serving

    @property
    def office(self) -> Office:
        return Office(self.hub, self.clock.now)

    async def round(self) -> None:
        """What the node has reaches the hub, the hub says what it owes, the node hears it."""
        self.clock.at += 700
        if self.pushes:
            done = await push_hubs(self.node, self.clock.now)
            assert not [str(each.error) for each in done if each.error]
        await sync_once(self.hub, clock=self.clock.now)
        (view,) = await look(self.node, self.clock.now)
        assert not view.trouble, view.trouble

    def breach(self, state: str = "overdue") -> None:
        """What a check would find."""
        with closing(create_index(self.hub.home.index)) as db:
            db.execute("DELETE FROM finding")
            db.execute(
                "INSERT INTO finding(unit_no, rule, kind, id, state, due, since, evidence,"
                " todo_zh, todo_en, ground) VALUES (1, 'D2', 'instrument', 'A-1', ?,"
                " '2026-11-20', '2026-11-20', '[]', '补充收费标准', '', 1)",
                [state],
            )

    def sent(self, number: str) -> SentNotice:
        with self.office.casework() as casework:
            found = notices.notice(casework.db, number)
        assert found is not None
        return found

    def heard(self) -> dict[str, KeptNotice]:
        with Store.open(self.node.home.store) as store:
            return {each.number: each for each in kept.every(store)}

    async def page(self, path: str) -> str:
        async with self.session.get(f"{self.hub.config.public_url}{path}") as answer:
            assert answer.status == 200, path
            return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", await answer.text())))

    async def answer(self, number: str, reply: str, statement: str) -> None:
        """The unit answers at its console and publishes."""
        async with browsing(self.node, self.clock) as browser:
            _, text, _ = await browser.get("/notices")
            (link,) = {
                unescape(each) for each in re.findall(r'href="(/notices/one[^"]+)"', text)
                if number in each
            }  # fmt: skip
            await browser.get(link)
            status, _, _ = await browser.post(
                link, reply=reply, text="见附件说明", statement=statement
            )
            assert status == 200
        self.clock.at += 60
        publish_all(self.node, self.clock)


@asynccontextmanager
async def serve(app: web.Application, address: str) -> AsyncIterator[None]:
    runner = make_runner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", int(address.rpartition(":")[2])).start()
    try:
        yield
    finally:
        await runner.cleanup()


@pytest.fixture(params=[False, True], ids=["visited", "pushing"])
async def meeting(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Meeting]:
    clock, pushes = Clock(NOW), bool(request.param)
    hub = new_hub(tmp_path / "hub")
    home = tmp_path / "u1"
    new_node(home, url=f"http://127.0.0.1:{free_port()}")
    if pushes:
        configure(home, listen='""')
    node = open_node(home)
    put(node, [instrument("A-1")])
    publish_all(node, clock)
    async with AsyncExitStack() as open_now:
        serving = Serving(hub, now=clock.now)
        app = make_app(serving)
        await open_now.enter_async_context(serve(app, hub.config.public_host))
        if pushes:
            raw = (home / "public" / "root" / "1").read_bytes()
            enrol_by_document(Office(hub, clock.now), THE_HUB, raw, node.fingerprint)
            await publish_owed(hub, clock.now)
        else:
            served = serve(application(node, clock), node.config.address)
            await open_now.enter_async_context(served)
            await enrol_unit(hub, node.config.address, node.fingerprint, allow_private=True)
        reader = await open_now.enter_async_context(Web())
        await enrol_hub(reader, node.home, hub.config.public_url, hub.fingerprint, clock.now())
        session = await open_now.enter_async_context(ClientSession())
        found = Meeting(hub, node, clock, pushes, session, serving)
        await found.round()
        await found.round()
        found.breach()
        yield found


async def test_a_notice_reaches_its_unit_alone_is_answered_and_objected_to(
    meeting: Meeting,
) -> None:
    told = Proposal(UNIT, Kind.RECTIFICATION, (FINDING,), reason="逾期", deadline="2027-01-31")
    number = measures.propose(meeting.office, OPERATOR, told)
    assert meeting.heard() == {}
    name = measures.decide(meeting.office, THE_HUB, number, PAPER)
    await meeting.round()
    notice = meeting.heard()[name]
    assert (notice.matter, notice.case_no, notice.about) == ("rectification", number, (FINDING,))
    assert "补充收费标准" in notice.text and not notice.public
    sent = meeting.sent(name)
    assert sent.fetched_at == meeting.clock.now() and "signature" in sent.fetched_by
    assert number not in await meeting.page("/notices")
    async with meeting.session.get(f"{meeting.hub.config.public_url}/fed/body/to/000") as answer:
        assert answer.status == 401
    await meeting.answer(name, "objected", "")
    await meeting.round()
    with closing(create_index(meeting.hub.home.index)) as db:
        reply = reply_to(db, UNIT, name)
    assert reply is not None and (reply.reply, reply.text) == ("objected", "见附件说明")
    assert reply.received_at is not None and reply.objected


async def test_the_public_page_is_right_at_each_step(meeting: Meeting) -> None:
    told = Proposal(UNIT, Kind.CRITICISM, (FINDING,), reason="逾期未公开")
    number = measures.propose(meeting.office, OPERATOR, told)
    assert "共 0 项" in await meeting.page("/notices")
    name = measures.decide(meeting.office, THE_HUB, number, PAPER)
    await meeting.round()
    assert meeting.heard()[name].public
    shown = await meeting.page(f"/notices/{number}")
    assert "晋示例发〔2026〕1号" in shown and "示例主管部门" in shown and "单位有异议" not in shown
    assert "逾期未公开" in shown and "leaf" in shown
    await meeting.answer(name, "objected", "收费标准已经公开")
    await meeting.round()
    for path in ("/notices", f"/notices/{number}"):
        shown = await meeting.page(path)
        assert "单位有异议" in shown and "收费标准已经公开" in shown, path
        assert "见附件说明" not in shown, "what the unit wrote to the hub alone"
    second = Document("撤〔2026〕2号", "2026-11-23", "示例主管部门")
    ending = measures.revoke(meeting.office, THE_HUB, number, second, "核查有误")
    await meeting.round()
    assert meeting.heard()[ending].revokes == name
    for path in ("/notices", f"/notices/{number}"):
        shown = await meeting.page(path)
        assert "已撤销" in shown and "撤〔2026〕2号" in shown and "单位有异议" in shown, path
    async with meeting.session.get(f"{meeting.hub.config.public_url}/notices.atom") as answer:
        feed = Xml.fromstring(await answer.text())
    entries = feed.findall(f"{ATOM}entry")
    assert [each.findtext(f"{ATOM}id") for each in entries] == [
        f"urn:fenhe:notice:hub.example/fenhe:{each}" for each in (ending, name)
    ]
    assert "已撤销" in str(entries[1].findtext(f"{ATOM}title"))


async def test_nobody_but_its_unit_is_given_a_line_and_an_act_is_for_nobody(
    meeting: Meeting,
) -> None:
    told = Proposal(UNIT, Kind.REMINDER, (FINDING,), reason="提醒")
    number = measures.propose(meeting.office, OPERATOR, told)
    measures.decide(meeting.office, THE_HUB, number, PAPER)
    await sync_once(meeting.hub, clock=meeting.clock.now)
    with closing(create_index(meeting.hub.home.index)) as db:
        rows = db.execute("SELECT kind, idx FROM said WHERE tier = 'to'").fetchall()
    places = {kind: index for kind, index in rows}
    base = f"{meeting.hub.config.public_url}/in/{origin_hash(meeting.node.root.origin)}/to"
    signer = request_signer(meeting.node.keys.request, meeting.clock.now)
    async with Web() as reader:
        asks = reader.open(base, reach=PRIVATE_TOO, signer=signer)
        assert (await asks.get(str(places["ntc"]), limit=100_000)).status == 200
        for index in (places["act"], 0, 10_000, 2**53):
            assert (await asks.get(str(index), limit=100_000)).status == 404
    for headers in ({}, {"Signature": "x"}):
        async with meeting.session.get(f"{base}/{places['ntc']}", headers=headers) as answer:
            assert answer.status == 401
    with meeting.office.casework() as casework:
        fetched = [act for act in journal.acts(casework.db) if act.name == "notice.fetched"]
    assert len(fetched) == 1


async def test_in_the_next_epoch_of_the_hubs_log_a_unit_is_told_as_before(
    meeting: Meeting,
) -> None:
    first = Proposal(UNIT, Kind.REMINDER, (FINDING,), reason="提醒")
    number = measures.propose(meeting.office, OPERATOR, first)
    names = [measures.decide(meeting.office, THE_HUB, number, PAPER)]
    await meeting.round()
    meeting.serving.reception.close()  # it holds the index
    await end_fed(meeting.hub, meeting.clock.now())
    meeting.breach()  # the index was made again
    async with Web() as reader:
        assert not await refresh(reader, meeting.node.home, meeting.clock.now())
    second = measures.propose(meeting.office, OPERATOR, first)
    names.append(measures.decide(meeting.office, THE_HUB, second, PAPER))
    await meeting.round()
    assert {*meeting.heard()} == {*names}
    assert [meeting.heard()[each].epoch for each in names] == [1, 2]
    assert meeting.sent(names[1]).fetched_at == meeting.clock.now()
    assert "/to/fed.2/" in meeting.sent(names[1]).fetched_by["uri"]
