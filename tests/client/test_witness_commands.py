"""`fenhe witness`: made, told whom to watch, served as a process of its own."""

import asyncio
import json
import re
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.demo.ports import free_port
from fenhe_client.cli import main
from fenhe_client.fetching.fetch import Web
from fenhe_client.witness.home import open_home
from fenhe_client.witness.known_logs import KnownLogs
from fenhe_client.witness.units import look_again
from fenhe_protocol.checkpoint import KeyRange
from fenhe_protocol.keys import COSIGNATURE, ED25519, SigningKey, VerifierKey
from fenhe_protocol.root_document import LogKeys, compose_root, sign_root
from fenhe_protocol.witness import compose_add_checkpoint
from tests.client.hub_house import ROOT_KEY, HubHouse
from tests.client.test_cli import Server
from tests.client.unit_log import CATALOGUE, KEY, UNIT, USCC
from tests.client.unit_log import NOW as UNIT_NOW
from tests.client.witness_house import NAME, ORIGIN, opened
from tests.histories import LOG_KEY, History

LOG = History(ORIGIN)
NEXT_KEY = SigningKey.from_seed(bytes(range(9, 41)))
VKEY = VerifierKey(ORIGIN, ED25519, LOG_KEY.public).text


@pytest.fixture
def home(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    assert main(["witness", "--home", str(tmp_path / "w"), "init", "--name", NAME]) == 0
    capsys.readouterr()
    return tmp_path / "w"


def run(home: Path, *arguments: str) -> int:
    return main(["witness", "--home", str(home), *arguments])


def test_a_new_witness_tells_its_key(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(tmp_path / "w", "init", "--json", "--name", NAME) == 0
    key = VerifierKey.parse(json.loads(capsys.readouterr().out)["key"])
    assert (key.name, key.kind) == (NAME, COSIGNATURE)
    assert open_home(tmp_path / "w").verifier == key


@pytest.mark.parametrize("name", ["", "Bad Name", "w.example", "https://w.example/w", "w+x"])
def test_a_bad_name_makes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    assert run(tmp_path / "w", "init", "--name", name) == 1
    assert "setup.value" in capsys.readouterr().err
    assert not (tmp_path / "w").exists()


def test_a_home_is_made_once(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = open_home(home).verifier
    assert run(home, "init", "--name", NAME) == 1
    assert "home.exists" in capsys.readouterr().err
    assert open_home(home).verifier == before


def test_without_a_home_it_says_what_to_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(tmp_path / "none", "status") == 1
    assert "init" in capsys.readouterr().err


def test_a_log_is_known_and_forgotten(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(home, "add-log", VKEY) == 0
    assert run(home, "status", "--json") == 0
    told = json.loads(capsys.readouterr().out.split("\n", 1)[1])
    assert told["logs"] == [{"origin": ORIGIN, "size": 0, "cosigned_at": None}]
    assert run(home, "remove-log", ORIGIN) == 0
    assert list(KnownLogs(open_home(home).logs)) == []
    assert run(home, "remove-log", ORIGIN) == 1


def test_keys_of_two_logs_are_not_one_log(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = VerifierKey("u2.example/fenhe/catalogue", ED25519, LOG_KEY.public).text
    assert run(home, "add-log", VKEY, other) == 1
    assert "setup.value" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments", [("--listen", "nowhere"), ("--listen", "127.0.0.1:0", "--path", "w")]
)
def test_where_it_cannot_be_served_it_says_so(
    home: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...]
) -> None:
    assert run(home, "serve", *arguments) == 1
    assert arguments[-2] in capsys.readouterr().err


@pytest.fixture
def unit(tmp_path: Path) -> Iterator[tuple[HubHouse, Server]]:
    house = HubHouse(tmp_path / "house")
    server = Server({"root/1": house.unit_root})
    yield house, server
    server.close()


def test_a_unit_is_known_by_its_root_document_but_not_how_much_it_serves(
    home: Path, unit: tuple[HubHouse, Server], capsys: pytest.CaptureFixture[str]
) -> None:
    house, server = unit
    add = ("add-unit", server.url, "--allow-private", "--fingerprint", house.unit_fingerprint)
    assert run(home, *add) == 0
    logs = KnownLogs(open_home(home).logs)
    assert [log.origin for log in logs] == [CATALOGUE]
    assert [log.keys for log in logs] == [(KeyRange(KEY.public),)]
    assert run(home, *add, "--usage") == 0
    assert [log.origin for log in logs] == [CATALOGUE, f"{UNIT}/usage"]


def test_another_fingerprint_is_refused(
    home: Path, unit: tuple[HubHouse, Server], capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = ("add-unit", unit[1].url, "--allow-private", "--fingerprint", "00" * 32)
    assert run(home, *wrong) == 3
    assert "root.fingerprint" in capsys.readouterr().err
    assert list(KnownLogs(open_home(home).logs)) == []


def post(url: str, raw: bytes) -> bytes:
    request = urllib.request.Request(f"{url}/add-checkpoint", data=raw, method="POST")
    with urllib.request.urlopen(request, timeout=30) as answer:
        return bytes(answer.read())


def test_a_served_witness_cosigns_and_stops_when_told(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(home, "add-log", VKEY) == 0
    command = [sys.executable, "-m", "fenhe_client.cli", "witness", "--home", str(home), "serve"]
    listen = ["--listen", f"127.0.0.1:{free_port()}", "--path", "/w"]
    with subprocess.Popen([*command, *listen], stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stderr is not None
            said = process.stderr.readline()
            found = re.search(r"← (\S+)", said)
            assert found, said
            line = post(f"http://{found[1]}", compose_add_checkpoint(LOG.request(0, 5)))
            assert run(home, "serve", "--listen", "127.0.0.1:1") == 1  # served already
            assert "home.served" in capsys.readouterr().err
        finally:
            process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
    cosigned = opened(open_home(home), LOG.note(5), line).cosignatures
    assert [each.name for each in cosigned] == [NAME]


async def test_a_key_that_a_unit_changed_is_known_when_looked_again(
    home: Path, unit: tuple[HubHouse, Server], capsys: pytest.CaptureFixture[str]
) -> None:
    house, server = unit
    add = ("add-unit", server.url, "--allow-private", "--fingerprint", house.unit_fingerprint)
    await asyncio.to_thread(run, home, *add)
    server.files = {"root/1": house.unit_root, "root/2": second_root(house)}
    found = open_home(home)
    async with Web() as web:
        assert await look_again(found, web) == []
        (log,) = KnownLogs(found.logs)
        assert log.keys == (KeyRange(KEY.public, 0, 7), KeyRange(NEXT_KEY.public, 7))
        # Who then hides the second document is no longer believed, and what is known stays.
        server.files = {"root/1": house.unit_root}
        assert [error.code for error in await look_again(found, web)] == ["root.chain"]
        assert list(KnownLogs(found.logs)) == [log]


def second_root(house: HubHouse) -> bytes:
    """Root document 2 of the unit: from size 7 on another key signs the catalogue."""
    keys = (KeyRange(KEY.public, 0, 7), KeyRange(NEXT_KEY.public, 7))
    text = compose_root(
        origin=UNIT,
        unit=USCC,
        url=f"https://{UNIT}",
        time=UNIT_NOW,
        root=[ROOT_KEY.public],
        logs=[LogKeys("catalogue", keys), LogKeys("usage", (KeyRange(KEY.public),))],
        n=2,
        prev=house.unit_fingerprint,
    )
    return sign_root(text, UNIT, [ROOT_KEY])
