"""What commands say, run in this process with a hub beside them."""

import asyncio
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fenhe_node.cli import main
from fenhe_node.node import Node
from fenhe_node.publishing.heads import log_files
from fenhe_node.runs import Run, write_runs
from tests.node.a_hub import HUB, AHub, a_hub
from tests.node.homes import Clock, instrument, new_node, publish_all, put

Command = Callable[..., Any]


@pytest.fixture
def node(tmp_path: Path) -> Node:
    return new_node(tmp_path / "home")


@pytest.fixture
def command(node: Node, capsys: pytest.CaptureFixture[str]) -> Command:
    """Run a command in a thread; its text, or its facts if `--json` was asked for."""

    async def run(*arguments: str, code: int = 0) -> Any:
        words = ["--home", str(node.home.path), *arguments]
        assert await asyncio.to_thread(main, words) == code
        said = capsys.readouterr().out
        return json.loads(said) if "--json" in arguments else said

    return run


async def trust(command: Command, hub: AHub, node: Node) -> None:
    hub.reader, hub.now = node.keys.request.public, int(time.time())
    groups = " ".join(hub.fingerprint[n : n + 4] for n in range(0, 64, 4))
    assert HUB in await command("trust", hub.url, "--fingerprint", groups)


async def test_publish_says_whether_the_hub_has_it(node: Node, command: Command) -> None:
    assert "尚未信任省平台" in await command("publish")
    async with a_hub() as hub:
        await trust(command, hub, node)
        assert "尚未取到" in await command("publish")
        note = log_files(node.home, "catalogue").read("checkpoint")
        assert note is not None
        hub.mirror("catalogue", note, at=int(time.time()))
        empty = log_files(node.home, "usage").read("checkpoint")
        assert empty is not None
        hub.mirror("usage", empty, at=int(time.time()))
        assert "省平台已取到" in await command("publish")
        [seen] = (await command("publish", "--json"))["hubs"]
    assert seen["has_all"] and seen["mirrored"] == {"catalogue": 1, "usage": 0}


async def test_publish_names_what_it_refused_and_is_done_in_part(
    node: Node, command: Command
) -> None:
    put(node, [instrument("A-1"), instrument("A-2", status="splendid")])
    said = await command("publish", code=4)
    assert "instrument A-2" in said and "退回 refused 1" in said
    [refused] = (await command("publish", "--json", code=4))["refused"]
    assert (refused["id"], refused["tier"], refused["code"]) == ("A-2", "pub", "schema")


async def test_status_tells_what_the_hub_refused(node: Node, command: Command) -> None:
    publish_all(node, Clock(int(time.time()) - 60))
    row = {"index": 0, "tier": "pub", "code": "schema", "expected": "正常", "found": "好得很"}
    async with a_hub() as hub:
        await trust(command, hub, node)
        hub.reject("catalogue", row)
        said = await command("status")
        facts = await command("status", "--json")
    assert "catalogue 第 1 条 (公开 pub)" in said and "schema  正常  好得很" in said
    assert facts["hubs"][0]["rejected"]["catalogue"] == [row]
    assert facts["trusted"] == [HUB]


async def test_status_shows_a_schedule_that_was_missed_and_why(
    node: Node, command: Command
) -> None:
    past = int(time.time()) - 86_400
    write_runs(node.home.runs, {"publish": Run(next=past, failed="store.write: …", failures=2)})
    said = await command("status", "--offline")
    assert "publish" in said and "错过 missed" in said and "store.write" in said
    assert "定时任务不会运行" in said
    assert (await command("status", "--offline", "--json"))["missed"] == ["publish"]


async def test_a_hub_whose_next_root_document_is_bad_is_trusted_in_part(
    node: Node, command: Command
) -> None:
    async with a_hub() as hub:
        hub.files["root/2"] = hub.files["root/1"]
        arguments = ("trust", hub.url, "--fingerprint", hub.fingerprint)
        facts = await command(*arguments, "--json", code=4)
    assert facts["root_document"] == 1
    assert facts["refused_next"]["code"] == "root.chain"


@pytest.mark.parametrize("fingerprint", ["", "77f1", "zz" * 32])
async def test_a_fingerprint_is_64_hex_characters(command: Command, fingerprint: str) -> None:
    arguments = ("trust", "http://127.0.0.1:9", "--fingerprint", fingerprint, "--json")
    facts = await command(*arguments, code=1)
    assert facts["error"]["where"] == "--fingerprint"


async def test_preview_sorts_a_record_by_who_will_see_it(node: Node, command: Command) -> None:
    person = {"name": "示例联系人", "phone": "000-0000-0000"}
    put(node, [instrument("A-1", value_yuan=3_200_000, contact_person=person)])
    said = await command("preview", "A-1")
    public, _, rest = said.partition("只给省平台")
    held, _, stays = rest.partition("留在单位")
    assert "核磁共振波谱仪" in public and "3200000" in held and "示例联系人" in stays
    [facts] = (await command("preview", "A-1", "--json"))["records"]
    assert facts["hub_only"] == {"value_yuan": 3_200_000}


async def test_an_unknown_record_is_refused(command: Command) -> None:
    assert (await command("preview", "none", "--json", code=3))["error"]["code"] == "record.absent"


async def test_summaries_are_computed_for_a_period(node: Node, command: Command) -> None:
    put(node, [instrument("A-1")])
    facts = await command("summarise", "2026-Q3", "--json")
    assert len(facts["new"]) == 1 and facts["nil"] == 1
    assert "零报告 nil 1" in await command("summarise", "2026-Q3")
    await command("publish")
    assert (await command("status", "--offline", "--json"))["published"]["usage_summary"] == 1
