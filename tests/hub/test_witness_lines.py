"""What a witness's line is good for: receipts, proofs, and what is said of it."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from fenhe_client.stored.files import CHECKPOINT
from fenhe_hub.cli import main
from fenhe_hub.config import HubConfig
from fenhe_hub.restoring.rebuild import rebuild
from fenhe_protocol.checkpoint import KeyRange, cosign
from fenhe_protocol.encoding import format_time
from fenhe_protocol.errors import SetupError
from fenhe_protocol.keys import COSIGNATURE, SigningKey, VerifierKey
from fenhe_protocol.proof import verify_proof
from fenhe_protocol.settings import read_settings
from tests.hub.fake_node import FakeNode
from tests.hub.houses import served
from tests.hub.watched import MIRROR, NAME, Watched, watched_in


@pytest.fixture
async def watched(tmp_path: Path) -> AsyncIterator[Watched]:
    async with watched_in(tmp_path) as found:
        yield found


def witnessed(node: FakeNode, key: SigningKey, now: int) -> None:
    """Let a node serve its checkpoint with a witness's line, as one does whose hub was away."""
    raw = node.read("catalogue", CHECKPOINT)
    node.path("catalogue", CHECKPOINT).write_bytes(cosign(raw, name=NAME, key=key, now=now))


async def test_a_witnesss_time_counts_where_the_bodies_came_in_time(watched: Watched) -> None:
    early, late = watched.province.nodes
    start = watched.province.now
    witnessed(early, watched.home.key, start - 86_400)
    witnessed(late, watched.home.key, start - 30 * 86_400)
    await watched.province.sync()
    now = watched.province.now
    heads = {(row["log_no"], row["at"]) for row in watched.province.rows("head")}
    numbers = {row["origin"]: row["log_no"] for row in watched.province.rows("log")}
    assert {at for log, at in heads if log == numbers[f"{early.origin}/catalogue"]} == {
        start - 86_400,
        now,
    }
    assert {at for log, at in heads if log == numbers[f"{late.origin}/catalogue"]} == {now}
    before = watched.province.dump()
    rebuild(watched.province.hub)
    assert watched.province.dump() == before


async def test_rebuilt_with_witnesses_lines_the_index_is_the_same(watched: Watched) -> None:
    for node in watched.province.nodes:
        watched.know(node)
    async with watched.answers():
        await watched.province.sync()
    before = watched.province.dump()
    rebuild(watched.province.hub)
    assert watched.province.dump() == before


async def test_the_witness_is_named_where_a_record_is_proven(watched: Watched) -> None:
    node = watched.province.nodes[0]
    watched.know(node)
    async with watched.answers():
        await watched.province.sync()
    hub, now = watched.province.hub, watched.province.now
    place = f"origin={node.origin}%2Fcatalogue&index=0"
    async with served(hub, now) as visitor:
        told = await (await visitor.get(f"api/v1/verify?{place}")).json()
        page = await (await visitor.get(f"r/{node.uscc}/instrument/A-1?verify=1")).text()
        proof = await (await visitor.get(f"api/v1/proof?{place}")).read()
        metrics = await (await visitor.get("metrics")).text()
    assert f'fenhe_hub_unwitnessed_logs{{witness="{NAME}"}} 1.0' in metrics
    step = next(step for step in told["steps"] if step["name"] == "cosignature")
    assert step["detail"]["cosigner"] == MIRROR
    assert step["detail"]["witnesses"] == f"{NAME} {format_time(now)}"
    assert "见证人" in page
    assert NAME in page
    proven = verify_proof(
        proof,
        origin=f"{node.origin}/catalogue",
        keys=[KeyRange(node.log_key.public)],
        cosigners=[watched.home.verifier],
    )
    assert [each.name for each in proven.cosignatures] == [NAME]


async def test_status_says_which_witness_lacks_what(
    watched: Watched, capsys: pytest.CaptureFixture[str]
) -> None:
    await watched.province.sync()
    home = watched.province.hub.home
    write_witness(home.config_file, watched.home.verifier)
    assert main(["--home", str(home.path), "status", "--json"]) == 0
    (told,) = json.loads(capsys.readouterr().out)["witnesses"]
    assert (told["name"], told["logs"], told["cosigned"]) == (NAME, 2, 0)
    assert told["code"].startswith("fetch.")
    assert main(["--home", str(home.path), "status"]) == 0
    assert f"见证人 witness {NAME}: 0/2" in capsys.readouterr().out
    assert main(["--home", str(home.path), "config", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["witnesses"][0]["url"] == "https://w.example/w"


def write_witness(file: Path, key: VerifierKey) -> None:
    """Name a witness as an operator does, in place of the empty list."""
    named = f"witnesses:\n  - key: {key.text}\n    url: https://w.example/w\n"
    text = file.read_text("utf-8")
    assert "witnesses: []\n" in text
    file.write_text(text.replace("witnesses: []\n", named), "utf-8")


def test_a_hub_is_no_witness_of_its_own_mirror() -> None:
    own = VerifierKey("hub.example/fenhe/w", COSIGNATURE, SigningKey.from_seed(bytes(32)).public)
    named = {"key": own.text, "url": "https://hub.example/fenhe/w"}
    hub = {"origin": "hub.example/fenhe", "public_url": "https://hub.example/fenhe"}
    with pytest.raises(SetupError, match="witnesses"):
        read_settings(HubConfig, {**hub, "witnesses": [named]})
