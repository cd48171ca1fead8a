"""Heads that the mirror cosigned, shown to witnesses that somebody else runs."""

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from fenhe_client.files import CHECKPOINT
from fenhe_client.head_store import HeadStore
from fenhe_client.witness.home import WitnessHome, make_home
from fenhe_client.witness.known_logs import KnownLog, KnownLogs
from fenhe_client.witness.service import Witness
from fenhe_client.witness_settings import WitnessSettings
from fenhe_hub.cli import main
from fenhe_hub.config import HubConfig, load_config
from fenhe_hub.cosign import latest_note
from fenhe_hub.home import locked
from fenhe_hub.index.tables import open_index
from fenhe_hub.mirror import MirrorLog
from fenhe_hub.rebuild import rebuild
from fenhe_hub.witness_status import WitnessStatus, witness_statuses
from fenhe_hub.witnessing import ask_witnesses
from fenhe_protocol.checkpoint import KeyRange, cosign
from fenhe_protocol.encoding import format_time
from fenhe_protocol.errors import SetupError
from fenhe_protocol.keys import ED25519, SigningKey, VerifierKey
from fenhe_protocol.note import parse_note
from fenhe_protocol.proof import verify_proof
from fenhe_protocol.settings import read_settings, render_settings
from tests.client.witness_house import answering
from tests.hub.fake_node import FakeNode, instrument, service
from tests.hub.houses import served
from tests.hub.provinces import Province, founded

NAME = "w.example/w"
MIRROR = "hub.example/fenhe/m"


@dataclass
class Watched:
    """A province and one witness, which may answer or not."""

    province: Province
    home: WitnessHome
    url: str = "http://127.0.0.1:9"

    def name_it(self, logs: Sequence[str] = ("catalogue",)) -> None:
        """Let the hub's configuration name the witness at its present address."""
        settings = read_settings(
            WitnessSettings,
            {
                "key": self.home.verifier.text,
                "url": self.url,
                "logs": list(logs),
                "allow_private": True,
            },
        )
        hub = self.province.hub
        self.province.hub = replace(hub, config=replace(hub.config, witnesses=(settings,)))

    def know(self, node: FakeNode) -> None:
        """Let the witness know a unit's logs."""
        for log in ("catalogue", "usage"):
            keys = (KeyRange(node.log_key.public),)
            KnownLogs(self.home.logs).put(KnownLog(f"{node.origin}/{log}", keys))

    @asynccontextmanager
    async def answers(self) -> AsyncIterator[None]:
        """Let the witness answer until left."""
        async with answering(self.home, clock=lambda: self.province.now) as self.url:
            self.name_it()
            yield

    async def ask(self, seconds: int = 60) -> int:
        """One turn of the witnesses, this much later."""
        self.province.now += seconds
        return await ask_witnesses(self.province.hub, clock=lambda: self.province.now)

    def status(self) -> WitnessStatus:
        """How the witness stands, as `status` says it."""
        hub = self.province.hub
        with closing(open_index(hub.home.index)) as db:
            (found,) = witness_statuses(hub, db)
        return found

    def log(self, node: FakeNode, log: str = "catalogue") -> MirrorLog:
        return MirrorLog(self.province.hub.home, f"{node.origin}/{log}")

    def signers(self, node: FakeNode, log: str = "catalogue") -> list[str]:
        """Who signed the newest kept note."""
        kept = latest_note(self.log(node, log).notes)
        assert kept is not None
        return names(kept.file.read_bytes())


def names(note: bytes) -> list[str]:
    return [line.name for line in parse_note(note).signatures]


@pytest.fixture
async def watched(tmp_path: Path) -> AsyncIterator[Watched]:
    async with AsyncExitStack() as stack:
        province = await stack.enter_async_context(founded(tmp_path))
        found = Watched(province, make_home(tmp_path / "w", NAME))
        found.name_it()
        for node in province.nodes:
            node.publish(instrument("A-1"))
        yield found


async def test_one_round_ends_with_the_witnesss_line_in_the_mirror_and_in_fed(
    watched: Watched,
) -> None:
    one, two = watched.province.nodes
    watched.know(one)
    watched.know(two)
    async with watched.answers():
        await watched.province.sync()
        for node in (one, two):
            origin = f"{node.origin}/catalogue"
            signers = [origin, MIRROR, NAME]
            assert watched.signers(node) == signers
            shown = watched.log(node).files.read(CHECKPOINT) or b""
            assert names(shown) == signers
            assert names(watched.province.said("adv")[origin]["note"].encode()) == signers
        assert watched.status().cosigned == watched.status().logs == 2
        # What is witnessed is not submitted again, and nothing more is said of it.
        fed = len(watched.province.rows("said"))
        assert await watched.ask() == 0
        await watched.province.sync()
        assert len(watched.province.rows("said")) == fed


async def test_a_log_that_grows_is_proven_consistent_to_the_witness(watched: Watched) -> None:
    node = watched.province.nodes[0]
    watched.know(node)
    async with watched.answers():
        for number in range(5):
            node.publish(*(instrument(f"B-{number}-{each}") for each in range(100)))
            await watched.province.sync()
            head = Witness(watched.home).promised(f"{node.origin}/catalogue")
            assert head is not None
            assert head.size == node.size("catalogue")
            assert NAME in watched.signers(node)


async def test_how_much_a_unit_serves_stays_between_it_and_the_hub(watched: Watched) -> None:
    node = watched.province.nodes[0]
    watched.know(node)
    node.publish(service("S-1"), log="usage")
    async with watched.answers():
        await watched.province.sync()
        assert NAME not in watched.signers(node, "usage")
        watched.name_it(logs=("catalogue", "usage"))
        assert await watched.ask() == 1
        assert NAME in watched.signers(node, "usage")


async def test_a_witness_that_is_away_holds_up_nothing_and_is_asked_again(
    watched: Watched,
) -> None:
    node = watched.province.nodes[0]
    watched.know(node)
    assert all(report.whole for report in await watched.province.sync())
    assert watched.signers(node) == [f"{node.origin}/catalogue", MIRROR]
    assert watched.status().code.startswith("fetch.")
    assert watched.status().where == ""
    said = watched.province.said("adv")[f"{node.origin}/catalogue"]
    async with watched.answers():
        assert await watched.ask(1) == 0  # too soon
        assert await watched.ask(60) == 1
        assert NAME in watched.signers(node)
        shown = watched.log(node).files.read(CHECKPOINT) or b""
        assert NAME in names(shown)
        await watched.province.sync()
    # A line that came after the word earns no word of its own.
    assert watched.province.said("adv")[f"{node.origin}/catalogue"] == said


async def test_a_witness_that_does_not_know_one_log_still_cosigns_the_other(
    watched: Watched,
) -> None:
    watched.know(watched.province.nodes[1])
    async with watched.answers():
        await watched.province.sync()
        status = watched.status()
        assert (status.logs, status.cosigned, status.code) == (2, 1, "witness.denied")
        assert status.where == f"{watched.province.nodes[0].origin}/catalogue"
        assert status.found == "404"
        watched.know(watched.province.nodes[0])
        assert await watched.ask(60) == 1
        assert watched.status().code == ""


async def test_a_unit_that_showed_the_witness_another_history_is_told(watched: Watched) -> None:
    node = watched.province.nodes[0]
    watched.know(node)
    origin = f"{node.origin}/catalogue"
    HeadStore(watched.home.heads).advance(
        f"{NAME} {origin}", None, size=1, root=b"x" * 32, now=watched.province.now
    )
    async with watched.answers():
        await watched.province.sync()
        assert watched.status().code == "witness.disagrees"
        assert watched.signers(node) == [origin, MIRROR]


async def test_without_its_memory_every_witness_is_asked_where_it_stands(
    watched: Watched,
) -> None:
    node = watched.province.nodes[0]
    watched.know(node)
    async with watched.answers():
        await watched.province.sync()
        watched.province.hub.home.witnesses.unlink()
        node.publish(instrument("A-2"))
        await watched.province.sync()
        assert watched.signers(node).count(NAME) == 1
        watched.province.hub.home.witnesses.write_bytes(b"spoilt" * 100)
        await watched.ask()
        assert watched.signers(node).count(NAME) == 1
        assert watched.status().code == "witness.denied"  # of the other unit


async def test_a_log_that_is_being_visited_is_left_for_the_next_turn(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fenhe_hub.witnessing._LOCK_PATIENCE", 0.0)
    node = watched.province.nodes[0]
    await watched.province.sync()
    watched.know(node)
    async with watched.answers():
        with locked(watched.log(node).folder / "lock"):
            assert await watched.ask(120) == 0
        assert NAME not in watched.signers(node)
        assert await watched.ask(1) == 1
        assert watched.signers(node).count(NAME) == 1


async def test_a_kill_before_the_line_is_shown_is_made_good(watched: Watched) -> None:
    node = watched.province.nodes[0]
    watched.know(node)
    async with watched.answers():
        await watched.province.sync()
        log = watched.log(node)
        kept = latest_note(log.notes)
        assert kept is not None
        before = kept.file.read_bytes().splitlines(keepends=True)
        log.files.write_all({CHECKPOINT: b"".join(before[:-1])})
        watched.province.hub.home.witnesses.unlink()
        await watched.ask()
        assert log.files.read(CHECKPOINT) == kept.file.read_bytes() == b"".join(before)


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


KEY = SigningKey.from_seed(bytes(range(32)))


@pytest.mark.parametrize(
    "member",
    [
        {"key": VerifierKey(NAME, ED25519, KEY.public).text},
        {"key": VerifierKey("hub.example/fenhe/w", 4, KEY.public).text},
        {"key": "w.example/w+00000000+AAAA"},
        {"url": "http://w.example/w"},
        {"logs": ["fed"]},
        {"adress": "https://w.example"},
    ],
)
def test_a_witness_that_is_wrongly_named_is_an_error(member: dict[str, Any]) -> None:
    good = {"key": VerifierKey(NAME, 4, KEY.public).text, "url": "https://w.example/w"}
    hub = {"origin": "hub.example/fenhe", "public_url": "https://hub.example/fenhe"}
    read_settings(HubConfig, {**hub, "witnesses": [good]})
    with pytest.raises(SetupError, match="witnesses"):
        read_settings(HubConfig, {**hub, "witnesses": [good | member]})


def test_the_settings_are_written_and_read_back(tmp_path: Path) -> None:
    given = {
        "origin": "hub.example/fenhe",
        "public_url": "https://hub.example/fenhe",
        "witnesses": [{"key": VerifierKey(NAME, 4, KEY.public).text, "url": "https://w.example"}],
    }
    file = tmp_path / "config.yaml"
    file.write_text(render_settings(HubConfig, given), "utf-8")
    (found,) = load_config(file).witnesses
    assert (found.verifier.name, found.url, found.logs) == (
        NAME,
        "https://w.example",
        ("catalogue",),
    )
