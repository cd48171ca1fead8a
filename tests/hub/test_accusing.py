"""Evidence that a hub keeps against its units: made at the fault, shown, taken out as a file."""

import asyncio
import json
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from fenhe_client.cli import main as reader_command
from fenhe_client.stored.files import CHECKPOINT
from fenhe_hub.cli import main as hub_command
from fenhe_hub.desk.standing import look_at
from fenhe_hub.mirror.evidence import KeptEvidence, kept_evidence
from fenhe_hub.registry.enrolled import Registry
from fenhe_hub.visiting.verdict import LogReport
from fenhe_protocol.checkpoint import Checkpoint, parse_checkpoint, sign_checkpoint
from fenhe_protocol.evidence import Kind
from fenhe_protocol.note import parse_note, sign_note
from fenhe_protocol.witness import AddCheckpoint, compose_add_checkpoint
from tests.hub.epochs import end_catalogue
from tests.hub.fake_node import FakeNode, instrument, service
from tests.hub.houses import served
from tests.hub.provinces import Province, founded


@pytest.fixture
async def province(tmp_path: Path) -> AsyncIterator[Province]:
    async with founded(tmp_path, units=1) as province:
        yield province


async def reader(words: list[str]) -> int:
    """`fenhe`, which has a loop of its own."""
    return await asyncio.to_thread(reader_command, words)


def kept(province: Province) -> list[KeptEvidence]:
    return list(kept_evidence(province.hub.home, f"{province.nodes[0].origin}/catalogue"))


async def visited(province: Province) -> LogReport:
    return next(each for each in await province.sync() if each.log == "catalogue")


async def shown_to_all(province: Province) -> list[dict[str, object]]:
    async with served(province.hub, province.now) as visitor:
        path = f"api/v1/units/{province.nodes[0].uscc}/evidence"
        items: list[dict[str, object]] = (await (await visitor.get(path)).json())["items"]
        return items


def head(node: FakeNode) -> Checkpoint:
    return parse_checkpoint(parse_note(node.read("catalogue", CHECKPOINT)).text)


def serve(node: FakeNode, size: int, root: bytes) -> None:
    note = sign_checkpoint(Checkpoint(f"{node.origin}/catalogue", size, root), node.log_key)
    node.put_back("catalogue", CHECKPOINT, note)


async def fork_at_one_size(province: Province, tmp_path: Path) -> None:
    province.nodes[0].fork()


async def roll_back_to_another_root(province: Province, tmp_path: Path) -> None:
    serve(province.nodes[0], 1, bytes(32))


async def rewrite_and_grow(province: Province, tmp_path: Path) -> None:
    node = province.nodes[0]
    shutil.copytree(node.folder, tmp_path / "before")
    node.publish(instrument("A-3"))
    await province.sync()
    node.return_to(tmp_path / "before")
    node.publish(*(instrument(f"B-{n}") for n in range(300)))


@pytest.mark.parametrize(
    ("spoil", "sizes"),
    [
        (fork_at_one_size, (2, 2)),
        (roll_back_to_another_root, (1, 2)),
        (rewrite_and_grow, (3, 302)),
    ],
)
async def test_a_fork_becomes_one_file_that_others_judge(
    province: Province, tmp_path: Path, spoil: object, sizes: tuple[int, int]
) -> None:
    node = province.nodes[0]
    node.publish(instrument("A-1"), instrument("A-2"))
    await province.sync()
    await spoil(province, tmp_path)  # type: ignore[operator]
    assert (await visited(province)).outcome == "quarantine"
    (found,) = kept(province)
    heads = tuple(each.checkpoint.size for each in found.conviction.heads)
    assert (found.conviction.kind, heads) == (Kind.FORK, sizes)
    assert found.conviction.fingerprint == node.fingerprint
    file = tmp_path / "evidence.json"
    home = ["--home", str(province.hub.home.path)]
    assert hub_command([*home, "evidence", found.id, "--out", str(file)]) == 0
    assert await reader(["verify-evidence", str(file), "--fingerprint", node.fingerprint]) == 0
    file.write_bytes(file.read_bytes().replace(b'"path":[', b'"path": ['))
    assert await reader(["verify-evidence", str(file)]) == 3


async def test_it_is_told_in_words(
    province: Province, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    node, home = province.nodes[0], ["--home", str(province.hub.home.path)]
    node.publish(instrument("A-1"))
    await province.sync()
    assert hub_command([*home, "evidence"]) == 0
    assert "没有证据" in capsys.readouterr().out
    node.fork()
    await visited(province)
    assert hub_command([*home, "evidence", "--json"]) == 0
    (fact,) = json.loads(capsys.readouterr().out)
    assert fact["accused"] == f"{node.origin}/catalogue"
    assert hub_command([*home, "evidence"]) == 0
    assert "不可能都真" in capsys.readouterr().out
    assert hub_command([*home, "evidence", fact["id"]]) == 0
    file = tmp_path / "evidence.json"
    file.write_text(capsys.readouterr().out, "utf-8")
    assert await reader(["verify-evidence", str(file)]) == 0
    told = capsys.readouterr().out
    assert "不可能都真" in told
    assert "both cannot be true" in told
    assert "请核对指纹" in told
    assert await reader(["verify-evidence", str(file), "--fingerprint", node.fingerprint]) == 0
    assert "指纹相符" in capsys.readouterr().out
    assert await reader(["verify-evidence", str(file), "--fingerprint", "0" * 64]) == 3
    assert hub_command([*home, "evidence", "fork-0"]) != 0
    capsys.readouterr()
    assert hub_command([*home, "status", "--json"]) == 0
    logs = json.loads(capsys.readouterr().out)["logs"]
    assert {log["log"]: log["evidence"] for log in logs} == {"catalogue": 1, "usage": 0}


async def test_what_a_unit_signed_acts_on_no_terminal(
    province: Province, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    node = province.nodes[0]
    node.publish(instrument("A-1"))
    await province.sync()
    text = Checkpoint(f"{node.origin}/catalogue", 1, bytes(32)).text() + "\x9b2J\u202e\n".encode()
    node.put_back(
        "catalogue", CHECKPOINT, sign_note(text, [(f"{node.origin}/catalogue", node.log_key)])
    )
    await visited(province)
    (found,) = kept(province)
    words = ["--home", str(province.hub.home.path), "evidence", found.id]
    assert hub_command(words) == 0
    assert capsys.readouterr().out.encode() == found.raw
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    assert hub_command(words) == 0
    told = capsys.readouterr().out
    assert "\x9b" not in told
    assert "\u202e" not in told
    assert json.loads(told) == json.loads(found.raw)


async def test_pages_and_interface_show_it(province: Province) -> None:
    node = province.nodes[0]
    node.publish(instrument("A-1"))
    await province.sync()
    node.fork()
    await visited(province)
    path = f"api/v1/units/{node.uscc}/evidence"
    async with served(province.hub, province.now) as visitor:
        (item,) = (await (await visitor.get(path)).json())["items"]
        assert (item["kind"], item["sizes"]) == ("fork", [1, 1])
        answer = await visitor.get(f"{path}/{item['id']}")
        assert (answer.status, await answer.read()) == (200, kept(province)[0].raw)
        assert (await visitor.get(f"{path}/fork-{'0' * 16}")).status == 404
        page = await (await visitor.get(f"u/{node.uscc}")).text()
    assert f"{path}/{item['id']}" in page
    assert item["fault_zh"] in page


async def test_that_a_unit_has_disowned_the_key_is_said_beside_what_it_signed(
    province: Province, tmp_path: Path
) -> None:
    node = province.nodes[0]
    node.publish(instrument("A-1"), instrument("A-2"))
    await province.sync()
    shutil.copytree(node.folder, tmp_path / "own")
    node.return_to(tmp_path / "own")
    await rewrite_and_grow(province, tmp_path)
    assert (await visited(province)).outcome == "quarantine"
    (before,) = await shown_to_all(province)
    node.return_to(tmp_path / "own")
    node.change_key()
    enrolled = Registry(province.hub.home.registry_file).get(node.origin)
    assert enrolled is not None
    assert (await look_at(province.hub, enrolled)).document.n == 2
    (after,) = await shown_to_all(province)
    assert (
        after["fault_zh"]
        == f"{before['fault_zh']}；单位此后的根文档不再承认这把密钥签的这一段（可能已泄露）"
    )
    assert "disowns" in str(after["fault_en"])


async def test_what_a_usage_log_signed_is_shown_to_the_operator_alone(province: Province) -> None:
    node = province.nodes[0]
    node.publish(service("S-1"), log="usage")
    await province.sync()
    node.fork("usage")
    await province.sync()
    assert len(list(kept_evidence(province.hub.home, f"{node.origin}/usage"))) == 1
    async with served(province.hub, province.now) as visitor:
        answer = await visitor.get(f"api/v1/units/{node.uscc}/evidence")
        assert (await answer.json())["items"] == []


async def test_a_head_above_the_end_is_kept_and_holds_nothing_up(province: Province) -> None:
    node = province.nodes[0]
    node.publish(instrument("A-1"), instrument("A-2"))
    await province.sync()
    end_catalogue(node)
    await province.sync(seconds=86_400)
    for size in range(3, 23):
        serve(node, size, bytes([size]) * 32)
        report = await visited(province)
        assert (report.outcome, report.code) == ("refuse", "log.ended")
    found = kept(province)
    assert len(found) == 16  # a thief may sign for ever: the disk is ours
    assert {each.conviction.kind for each in found} == {Kind.ENDED}
    assert all(each.conviction.end is not None for each in found)


async def test_a_head_above_the_end_that_somebody_pushed_is_kept_too(province: Province) -> None:
    node = province.nodes[0]
    node.publish(instrument("A-1"), instrument("A-2"))
    await province.sync()
    end_catalogue(node)
    await province.sync(seconds=86_400)
    serve(node, 3, bytes(32))
    pushed = compose_add_checkpoint(AddCheckpoint(0, (), node.read("catalogue", CHECKPOINT)))
    async with served(province.hub, province.now) as visitor:
        address = f"{province.hub.config.public_url}/add-checkpoint"
        answer = await visitor.session.post(address, data=pushed)
        assert (answer.status, (await answer.json())["code"]) == (422, "log.ended")
    assert [each.conviction.kind for each in kept(province)] == [Kind.ENDED]


async def test_what_is_withheld_is_shown_until_it_comes(
    province: Province, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    node, home = province.nodes[0], ["--home", str(province.hub.home.path)]
    node.publish(instrument("A-1"), instrument("A-2"))
    bodies = node.withhold("catalogue", "body/pub/000")
    await province.sync()
    file, place = tmp_path / "evidence.json", f"{node.origin}/catalogue#1"
    assert hub_command([*home, "evidence", place, "--out", str(file)]) == 0
    judge = ["verify-evidence", str(file), "--fingerprint", node.fingerprint]
    capsys.readouterr()
    assert await reader([*judge, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["kind"], told["index"], list(told["lacking"])) == ("withheld", 1, ["pub"])
    shown = tmp_path / "000"
    shown.write_bytes(bodies)
    assert await reader([*judge, "--body", str(shown), "--json"]) == 3
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "evidence.refuted"
    assert told["root_document"]["n"] == 1
    shown.write_bytes(bodies.splitlines(keepends=True)[0])
    assert await reader([*judge, "--body", str(shown)]) == 0
    assert len(await shown_to_all(province)) == 1
    node.put_back("catalogue", "body/pub/000", bodies)
    await province.sync()
    assert hub_command([*home, "evidence", place]) != 0
    assert await shown_to_all(province) == []
    assert len(kept(province)) == 1


async def test_a_file_that_was_spoilt_convicts_nobody_and_stops_nothing(
    province: Province,
) -> None:
    node = province.nodes[0]
    node.publish(instrument("A-1"))
    await province.sync()
    node.fork()
    await visited(province)
    (file,) = province.hub.home.evidence(f"{node.origin}/catalogue").glob("*.json")
    file.write_bytes(file.read_bytes()[:-9])
    assert kept(province) == []
