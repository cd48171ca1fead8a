"""What `doctor` says: each thing that can be wrong is named, with what to do about it."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

import fenhe_node.cli
from deploy.demo.ports import free_port
from fenhe_client.fetching.fetch import Web
from fenhe_client.settings_file import set_line
from fenhe_node.backing_up.making import back_up
from fenhe_node.doctoring.asking import gather
from fenhe_node.doctoring.checks import examine
from fenhe_node.doctoring.facts import (
    OTHER,
    Address,
    BackupSeen,
    ClockSeen,
    Facts,
    HubSeen,
    KeyFile,
    MailSeen,
    Space,
    Versions,
)
from fenhe_node.doctoring.finding import Finding, State, worst
from fenhe_node.home import serving
from fenhe_node.hubs.trust import enrol_hub
from fenhe_node.node import Node
from fenhe_node.runs import Run
from tests.client.certificates import self_signed
from tests.client.servers import always, answer
from tests.client.servers import serving as serving_at
from tests.node.a_hub import HUB, a_hub
from tests.node.homes import NOW, Clock, instrument, new_node, publish_long_ago, put
from tests.node.serving import application

DAY = 86_400
HERE = Versions("1", (3, 11), "3.40.1", 9, 9)
HUB_SEEN = HubSeen(HUB, "https://hub.example/fenhe", visited_at=NOW - 3600)
WELL = Facts(
    now=NOW,
    versions=HERE,
    served=True,
    least_free_mib=256,
    spaces=(Space("home", "/var", 9000, 10**6),),
    clocks=(ClockSeen(HUB, NOW, NOW + 2),),
    address=Address("https://u1.example", True, certificate_until=NOW + 60 * DAY),
    hubs=(HUB_SEEN,),
    trusted=1,
    keys=(KeyFile("keys", 0o700, True), KeyFile("keys/log.seed", 0o600, True)),
    backup=BackupSeen("/mnt", NOW - DAY, "/mnt/1", True, ""),
    checked_at=NOW - DAY,
    runs={"push": Run(next=NOW + 60)},
    mail=MailSeen("mail.example.org"),
)
URL = "https://u1.example"


def troubles(facts: Facts) -> list[Finding]:
    return [each for each in examine(facts) if each.state is not State.GOOD]


def test_a_node_that_is_well_has_nothing_to_be_done() -> None:
    assert troubles(WELL) == []
    assert not any(each.advice for each in examine(WELL))


@pytest.mark.parametrize(
    ("changed", "state", "said"),
    [
        ({"clocks": (ClockSeen("w", NOW, NOW + 31),)}, State.LOOK, "+31"),
        ({"clocks": (ClockSeen("w", NOW, NOW - 300),)}, State.BAD, "-300"),
        ({"clocks": ()}, State.UNKNOWN, "时钟"),
        ({"spaces": (Space("home", "/var", 255),)}, State.BAD, "255 MiB"),
        ({"spaces": (Space("home", "/var", 1000),)}, State.LOOK, "1000 MiB"),
        ({"spaces": (Space("home", "/var", 9000, 9),)}, State.BAD, "9 files"),
        ({"address": Address(URL, True, certificate_until=NOW + DAY)}, State.LOOK, "1 days"),
        ({"address": Address(URL, True, certificate_until=NOW - DAY)}, State.BAD, "-1 days"),
        ({"address": Address(URL, True, certificate_trouble="self-signed")}, State.BAD, "self-"),
        ({"address": Address(URL, True, "fetch.connect")}, State.BAD, "防火墙"),
        ({"address": Address(URL, True, "fetch.tls")}, State.BAD, "证书一行"),
        ({"address": Address(URL, True, OTHER, "nginx")}, State.BAD, "DNS"),
        ({"keys": (KeyFile("keys/log.seed", 0o640, True),)}, State.BAD, "chmod"),
        ({"keys": (KeyFile("keys/log.seed", 0o600, False),)}, State.BAD, "chown"),
        ({"hubs": (replace(HUB_SEEN, trouble="fetch.connect: x"),)}, State.BAD, "curl"),
        ({"hubs": (replace(HUB_SEEN, trouble="未登记"),)}, State.BAD, "未登记"),
        (
            {"hubs": (replace(HUB_SEEN, visit_trouble="refused", visit_advice="do"),)},
            State.BAD,
            "do",
        ),
        ({"hubs": (replace(HUB_SEEN, visited_at=0),)}, State.UNKNOWN, "还没有来过"),
        ({"hubs": (replace(HUB_SEEN, behind={"usage": (9, 4)}),)}, State.LOOK, "usage: 4/9"),
        ({"hubs": (replace(HUB_SEEN, schemas=("格式已有新版",)),)}, State.LOOK, "格式已有新版"),
        ({"trusted": 0, "hubs": ()}, State.LOOK, "fenhe-node trust"),
        ({"alarms": ("hub.withholds",)}, State.BAD, "hub.withholds"),
        ({"backup": BackupSeen("", 0, "", False, "")}, State.LOOK, "从未备份"),
        ({"backup": BackupSeen("", NOW - 9 * DAY, "/mnt/1", True, "")}, State.LOOK, "9 天前"),
        ({"backup": BackupSeen("", NOW, "/mnt/1", False, "")}, State.LOOK, "不在那里"),
        ({"backup": BackupSeen("", NOW, "/mnt/1", True, "disk full")}, State.BAD, "disk full"),
        ({"damaged": ("body/hub/000",)}, State.BAD, "body/hub/000"),
        ({"checked_at": NOW - 3 * DAY}, State.LOOK, "3 天"),
        ({"checked_at": 0}, State.UNKNOWN, "自检"),
        ({"served": False}, State.BAD, "systemctl"),
        ({"runs": {"push": Run(next=NOW - 601)}}, State.BAD, "push 错过"),
        ({"runs": {"push": Run(failed="fetch.connect", failures=3)}}, State.BAD, "3 次"),
        ({"mail": MailSeen("m", "mail.unreachable")}, State.BAD, "mail.unreachable"),
        ({"mail": MailSeen("m", "", 0, 2)}, State.LOOK, "2 封"),
        ({"versions": replace(HERE, tables=10)}, State.BAD, "10 > 9"),
        ({"versions": replace(HERE, sqlite="3.34.1")}, State.BAD, "3.34.1"),
        ({"unopened": "setup.unknown"}, State.BAD, "setup.unknown"),
    ],
)
def test_what_is_wrong_is_named_alone_with_its_advice(
    changed: dict[str, object], state: State, said: str
) -> None:
    (found,) = troubles(replace(WELL, **changed))  # type: ignore[arg-type]
    assert found.state is state and said in found.line
    assert found.advice or state is State.UNKNOWN


def test_a_proxy_is_a_suspect_where_a_hub_does_not_answer_and_nothing_else_where_it_does() -> None:
    proxied = replace(WELL, proxies={"https_proxy": "http://proxy.example:3128"})
    assert troubles(proxied) == []
    away = replace(proxied, hubs=(replace(HUB_SEEN, trouble="fetch.connect"),))
    assert [each.subject for each in troubles(away)] == ["代理 proxy", f"到省平台 to {HUB}"]


def test_where_all_is_pushed_nobody_has_to_reach_the_node() -> None:
    assert troubles(replace(WELL, address=Address(URL, listens=False))) == []


def test_the_worst_finding_is_the_state_of_the_whole() -> None:
    assert worst([]) is State.GOOD
    assert worst(examine(replace(WELL, served=False))) is State.BAD


@asynccontextmanager
async def served_node(path: Path) -> AsyncIterator[tuple[Node, TestServer]]:
    """A node of which the public address leads to its own application."""
    port = free_port()
    node = new_node(path, url=f"http://127.0.0.1:{port}")
    server = TestServer(application(node, Clock(int(time.time()))), port=port)
    await server.start_server()
    try:
        yield node, server
    finally:
        await server.close()


async def test_a_served_node_and_its_hub_are_asked_and_told_apart(tmp_path: Path) -> None:
    async with a_hub() as hub, served_node(tmp_path / "home") as (node, server), Web() as reader:
        hub.now = int(time.time())
        hub.reader = node.keys.request.public
        put(node, [instrument("A-1")])
        await asyncio.to_thread(publish_long_ago, node)
        await enrol_hub(reader, node.home, hub.url, hub.fingerprint, NOW)
        await asyncio.to_thread(
            back_up, node, tmp_path / "backups", keep=1, now=lambda: int(time.time())
        )
        with serving(node.home):
            facts = await gather(node.home, lambda: int(time.time()))
        assert facts.served and facts.trusted == 1
        assert [abs(each.ours - each.theirs) <= 2 for each in facts.clocks] == [True]
        assert facts.address == Address(node.config.address, True)
        assert facts.backup is not None and facts.backup.there
        assert facts.hubs is not None and facts.hubs[0].behind["catalogue"][1] == 0
        assert worst(examine(facts)) is State.LOOK  # the hub has nothing of it yet
        await server.close()
        after = await gather(node.home, lambda: int(time.time()))
        assert after.address is not None and after.address.trouble == "fetch.connect"


async def test_an_address_that_leads_to_somebody_else_is_seen(tmp_path: Path) -> None:
    async def hello(request: web.Request) -> web.Response:
        return web.Response(text="It works!")

    app = web.Application()
    app.router.add_get("/{path:.*}", hello)
    async with TestServer(app) as server:
        url = str(server.make_url("")).rstrip("/")
        node = new_node(tmp_path / "home", url=url)
        facts = await gather(node.home, Clock().now)
    assert facts.address is not None and facts.address.trouble == OTHER


def test_a_home_that_no_command_opens_is_examined_all_the_same(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    node = new_node(tmp_path / "home")
    seed = node.home.keys / "log.seed"
    seed.chmod(0o644)
    command = ["--home", str(node.home.path), "doctor", "--offline", "--json"]
    assert fenhe_node.cli.main(command) == 1
    told = json.loads(capsys.readouterr().out)
    bad = [each for each in told["findings"] if each["state"] == "bad"]
    assert told["state"] == "bad" and any("keys.mode" in each["text"] for each in bad)
    assert any(each["advice"] == f"chmod go= {seed}" for each in bad)
    seed.chmod(0o600)
    set_line(node.home.config_file, "no_such_key", "x")
    assert fenhe_node.cli.main(["--home", str(node.home.path), "doctor", "--offline"]) == 1
    assert "setup.unknown" in capsys.readouterr().out


async def test_a_certificate_that_nobody_believes_is_told_with_what_is_wrong(
    tmp_path: Path,
) -> None:
    async with serving_at(always(answer(b"x")), tls=self_signed(tmp_path)) as url:
        node = new_node(tmp_path / "home", url=url)
        facts = await gather(node.home, Clock().now)
    assert facts.address is not None
    assert facts.address.certificate_trouble and facts.address.trouble == "fetch.tls"
