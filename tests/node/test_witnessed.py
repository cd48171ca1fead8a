"""What witnesses say of a unit's records: kept, counted where a hub counts it, and shown."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import fenhe_client.cli
from fenhe_node.cli import main
from fenhe_node.hubs.looking import look
from fenhe_node.hubs.told import read_told
from fenhe_node.node import Node, open_node
from fenhe_node.publishing.heads import log_files
from fenhe_node.receipts.witnessed import keep_own
from fenhe_node.standing import standing
from fenhe_node.store import Store, witnessed
from fenhe_node.store.witnessed import Witnessed
from fenhe_protocol.checkpoint import cosign
from fenhe_protocol.errors import Refused
from fenhe_protocol.keys import COSIGNATURE, SigningKey, VerifierKey
from fenhe_protocol.note import parse_note
from tests.node.a_hub import HUB, AHub, a_hub
from tests.node.homes import NOW, Clock, instrument, new_node, publish_all, put, service
from tests.node.said_by_a_hub import mirror, trust

NAME = "w.example/w"
KEY = SigningKey.from_seed(b"w" * 32)
WITNESS = VerifierKey(NAME, COSIGNATURE, KEY.public)
MINUTES = 60
DAY = 86_400

Command = Callable[..., Any]


@pytest.fixture
def node(tmp_path: Path) -> Node:
    """A node that names the witness, with an instrument and a service published at NOW."""
    home = new_node(tmp_path / "home").home
    settings = json.dumps({"key": WITNESS.text, "url": "https://w.example"})
    file = home.path / "config.yaml"
    text = file.read_text("utf-8")
    assert "\nwitnesses: []\n" in text
    file.write_text(text.replace("\nwitnesses: []\n", f"\nwitnesses: [{settings}]\n"), "utf-8")
    node = open_node(home.path)
    put(node, [instrument("A-1"), service("S-1")])
    publish_all(node, Clock())
    return node


@pytest.fixture
def command(node: Node, capsys: pytest.CaptureFixture[str]) -> Command:
    """Run a command of the node; its facts, or its text."""

    def run(*arguments: str, text: bool = False) -> Any:
        assert main(["--home", str(node.home.path), *arguments, *([] if text else ["--json"])]) == 0
        said = capsys.readouterr().out
        return said if text else json.loads(said)

    return run


def witness(node: Node, *, at: int) -> None:
    """Let the witness sign the catalogue's head as `Witnesses` keeps it."""
    files = log_files(node.home, "catalogue")
    note = cosign(files.read("checkpoint") or b"", name=NAME, key=KEY, now=at)
    with Store.open(node.home.store) as store:
        keep_own(store, "catalogue", parse_note(note), WITNESS)
    files.write_all({"checkpoint": note})


async def seen_at(hub: AHub, node: Node, *, at: int, names: bool = True) -> None:
    """Let the hub cosign what the node shows, and the node look at it."""
    hub.now = at
    hub.reject("catalogue", witnesses=[WITNESS.text] if names else [])
    mirror(hub, node, "catalogue", at=at)
    await look(node, Clock(at).now)


def test_before_any_hub_holds_it_the_line_is_evidence_and_no_delivery(
    node: Node, command: Command, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    witness(node, at=NOW + 5)
    out = tmp_path / "A-1.tlog-proof"
    facts = command("receipt", "A-1", "--out", str(out))
    assert facts["receipts"] == [] and facts["first"]["date"] == ""
    [line] = facts["witnesses"]
    assert (line["witness"], line["date"], line["counts_at"]) == (NAME, "2026-11-23", [])
    assert line["until"] == "2026-11-26"
    check = facts["check"].replace("FILE", str(out)).split()[1:]
    assert fenhe_client.cli.main(check) == 0
    told = capsys.readouterr().out
    assert f"见证 witnessed: {NAME}" in told and "delivered on" not in told
    assert "2026-11-26" in command("receipt", "A-1", text=True)
    assert facts["witnesses"] == command("receipt", "A-1")["witnesses"]


async def test_a_line_counts_where_the_hub_names_the_witness_and_came_in_time(
    node: Node, command: Command, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    witness(node, at=NOW + 5)
    async with a_hub() as hub:
        await trust(node, hub)
        await seen_at(hub, node, at=NOW + 2 * DAY)
    out = tmp_path / "A-1.tlog-proof"
    facts = command("receipt", "A-1", "--out", str(out), "--hub", HUB)
    assert [each["date"] for each in facts["receipts"]] == ["2026-11-23"]
    assert facts["receipts"][0]["time"].startswith("2026-11-25")
    assert [each["counts_at"] for each in facts["witnesses"]] == [[HUB]]
    assert facts["first"]["date"] == "2026-11-23"
    # The one file proves both: who saw it first, and that the hub holds it.
    check = facts["check"].replace("FILE", str(out)).split()[1:]
    assert check.count("--cosigner") == 2
    assert await asyncio.to_thread(fenhe_client.cli.main, [*check, "--json"]) == 0
    assert {each["name"] for each in json.loads(capsys.readouterr().out)["cosigned"]} == {
        NAME,
        f"{HUB}/m",
    }


@pytest.mark.parametrize(("names", "later"), [(False, 2 * DAY), (True, 4 * DAY)])
async def test_elsewhere_or_later_the_hubs_own_time_counts(
    node: Node, command: Command, names: bool, later: int
) -> None:
    witness(node, at=NOW + 5)
    async with a_hub() as hub:
        await trust(node, hub)
        await seen_at(hub, node, at=NOW + later, names=names)
    facts = command("receipt", "A-1")
    own = facts["receipts"][0]
    assert own["date"] == own["time"][:10] == facts["first"]["date"]
    assert [each["counts_at"] for each in facts["witnesses"]] == [[]]


async def test_status_and_page_tell_of_witnesses_beside_receipts(
    node: Node, command: Command
) -> None:
    told = standing(node, NOW).witnesses
    assert told == [{"witness": NAME, "with": 0, "without": 2, "counts_at": []}]
    witness(node, at=NOW + 5)
    async with a_hub() as hub:
        await trust(node, hub)
        await seen_at(hub, node, at=NOW + DAY)
    told = standing(node, NOW + DAY).witnesses
    # The service's log is shown to no witness, so its record waits for none.
    assert told == [{"witness": NAME, "with": 2, "without": 0, "counts_at": [HUB]}]
    assert f"{NAME}: 2/2" in command("status", "--offline", text=True)


@pytest.mark.parametrize(
    "raw",
    [
        b"[" * 100_000,
        b'{"rejected":' + b"[" * 100_000,
        b"[]",
        b'{"rejected":[{"index":"3","tier":"pub","code":"c","expected":"","found":""}]}',
        b'{"rejected":[{"index":-1,"tier":"pub","code":"c","expected":"","found":""}]}',
        b'{"rejected":[3]}',
        b'{"rejected":[],"witnesses":"w"}',
    ],
)
def test_an_answer_of_a_hub_that_is_not_of_the_form_is_refused(raw: bytes) -> None:
    with pytest.raises(Refused, match=r"hub\.answer"):
        read_told(raw, "x")


def test_no_control_character_of_a_hub_reaches_a_terminal() -> None:
    row = {"index": 1, "tier": "pub", "code": "c", "expected": "", "found": "\x1b[2J"}
    told = read_told(json.dumps({"rejected": [row]}).encode(), "x")
    assert told.rejected[0]["found"] == "\ufffd[2J"
    assert told.witnesses is None


rows = st.lists(
    st.tuples(st.sampled_from(["", "h1", "h2"]), st.integers(1, 9), st.integers(0, 9)), max_size=12
)


@given(rows)
def test_what_is_kept_answers_as_all_lines_would(seen: list[tuple[str, int, int]]) -> None:
    with Store.open(Path(":memory:")) as store:
        for hub, size, time in seen:
            witnessed.keep(store, Witnessed(hub, "catalogue", NAME, size, time, "", b""))
        for index in range(10):
            kept = {each.hub: each.time for each in witnessed.covering(store, "catalogue", index)}
            for hub in ("", "h1", "h2"):
                times = [time for at, size, time in seen if at == hub and size > index]
                assert kept.get(hub) == min(times, default=None)
