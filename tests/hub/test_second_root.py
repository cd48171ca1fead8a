"""A unit that signs two root documents of one number: the hub keeps the first, and shows both."""

import asyncio
import json
from pathlib import Path

import pytest

from fenhe_client.cli import main as reader_command
from fenhe_client.stored.files import ROOT, root_path
from fenhe_hub.cli import main as hub_command
from fenhe_hub.desk.standing import look_at
from fenhe_hub.hub import Hub
from fenhe_hub.mirror.evidence import kept_evidence
from fenhe_hub.mirror.roots import root_files
from fenhe_hub.registry.enrolled import Registry
from fenhe_protocol.root_changes import compose_next
from fenhe_protocol.root_document import open_chain, sign_root
from tests.hub.fake_node import FakeNode, instrument
from tests.hub.houses import served
from tests.hub.provinces import founded
from tests.hub.push_house import pushing

DAY = 86_400


def next_root(node: FakeNode, path: str) -> bytes:
    """A root document 2 that only names another address."""
    first = node.read(ROOT, root_path(1))
    held = open_chain([first], fingerprint=node.fingerprint, allow_loopback_http=True)
    text = compose_next(held, time=node.now, url=f"{node.url}{path}")
    return sign_root(text, node.origin, [node.root_key])


async def judged(tmp_path: Path, raw: bytes, mark: str) -> None:
    file = tmp_path / "evidence.json"
    file.write_bytes(raw)
    words = ["verify-evidence", str(file), "--fingerprint", mark]
    assert await asyncio.to_thread(reader_command, words) == 0


async def listed_for_the_operator(
    hub: Hub, node: FakeNode, capsys: pytest.CaptureFixture[str]
) -> None:
    home = ["--home", str(hub.home.path)]
    capsys.readouterr()
    assert await asyncio.to_thread(hub_command, [*home, "evidence", "--json"]) == 0
    (told,) = json.loads(capsys.readouterr().out)
    assert (told["kind"], told["accused"]) == ("roots", f"{node.origin}/root")
    assert await asyncio.to_thread(hub_command, [*home, "status"]) == 0
    assert "证据 evidence 1" in capsys.readouterr().out


async def test_a_second_document_met_on_a_visit_is_shown_on_the_units_page(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with founded(tmp_path, units=1) as province:
        node = province.nodes[0]
        node.publish(instrument("A-1"))
        first, second = next_root(node, ""), next_root(node, "/moved")
        node.put_back(ROOT, root_path(2), first)
        await province.sync()
        await province.sync(DAY)
        node.put_back(ROOT, root_path(2), second)
        await province.sync(DAY)
        await province.sync(DAY)
        hub, mark = province.hub, node.fingerprint
        assert root_files(hub.home, node.origin).read(root_path(2)) == first
        (log,) = [row for row in province.rows("log") if row["name"] == "catalogue"]
        assert not log["quarantined"]  # its records have nothing to do with it
        (kept,) = kept_evidence(hub.home, f"{node.origin}/root")
        await judged(tmp_path, kept.raw, mark)
        async with served(hub, province.now) as visitor:
            listed = await (await visitor.get(f"api/v1/units/{node.uscc}/evidence")).json()
            (item,) = listed["items"]
            assert (item["kind"], item["origin"], item["sizes"]) == (
                "roots",
                kept.conviction.signer,
                [],
            )
            page = await (await visitor.get(f"u/{node.uscc}")).text()
            assert "签了两份不同的第 2 份根文档" in page
            shown = await visitor.get(f"api/v1/units/{node.uscc}/evidence/{item['id']}")
            assert await shown.read() == kept.raw
        await listed_for_the_operator(hub, node, capsys)


async def test_the_operators_look_finds_it_as_well(tmp_path: Path) -> None:
    async with founded(tmp_path, units=1) as province:
        node = province.nodes[0]
        unit = Registry(province.hub.home.registry_file).get(node.origin)
        assert unit is not None
        for path in ("", "/moved"):
            node.put_back(ROOT, root_path(2), next_root(node, path))
            read = await look_at(province.hub, unit)
        assert read.refused is not None and read.refused.code == "root.second"
        assert len(list(kept_evidence(province.hub.home, f"{node.origin}/root"))) == 1


async def test_a_second_document_that_is_pushed_is_409_and_kept(tmp_path: Path) -> None:
    node = FakeNode(tmp_path / "u1")
    async with pushing(tmp_path, node) as (province, pusher):
        address = f"{pusher.inbox()}/root/2"
        first, second = next_root(node, ""), next_root(node, "/moved")
        answers = [(await pusher.signed("PUT", address, raw)).status for raw in (first, second)]
        assert answers == [204, 409]
        assert (await pusher.signed("PUT", address, b"nonsense")).status == 409
        (kept,) = kept_evidence(province.hub.home, f"{node.origin}/root")
        await judged(tmp_path, kept.raw, node.fingerprint)
