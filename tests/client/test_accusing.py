"""`fenhe make-evidence`: whoever holds two notes that disagree makes a file that others judge."""

import asyncio
import json
from pathlib import Path

import pytest

from fenhe_client.cli import main
from fenhe_client.prove import Trust, parse_record, prove_record
from fenhe_protocol.checkpoint import cosign
from fenhe_protocol.evidence import Evidence
from fenhe_protocol.keys import COSIGNATURE, ED25519, VerifierKey
from fenhe_protocol.root_document import cosigner_name
from tests.client.hub_house import HUB, HUB_UNIT, MIRROR_KEY, HubHouse, root_document
from tests.client.unit_log import CATALOGUE, KEY, NOW, USCC, Publisher, instrument

LOG_KEY = VerifierKey(CATALOGUE, ED25519, KEY.public).text
MIRROR = cosigner_name(HUB)
MIRROR_VKEY = VerifierKey(MIRROR, COSIGNATURE, MIRROR_KEY.public).text


def publisher(folder: Path, first: int, count: int) -> bytes:
    """A history of so many instruments, and its checkpoint."""
    entries = [instrument(first + number) for number in range(count)]
    return Publisher(folder).publish(entries)["checkpoint"]


def received(note: bytes, now: int = NOW) -> bytes:
    """The same with the mirror's cosignature."""
    return cosign(note, name=MIRROR, key=MIRROR_KEY, now=now)


def write(file: Path, raw: bytes) -> str:
    file.write_bytes(raw)
    return str(file)


def make(tmp_path: Path, notes: list[bytes], *more: str, key: str = LOG_KEY) -> int:
    files = [write(tmp_path / f"{number}.note", note) for number, note in enumerate(notes)]
    out = str(tmp_path / "evidence.json")
    return main(["make-evidence", *files, "--key", key, "--out", out, "--json", *more])


def judge(tmp_path: Path, *more: str) -> int:
    return main(["verify-evidence", str(tmp_path / "evidence.json"), "--json", *more])


def test_two_roots_of_one_size(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    notes = [publisher(tmp_path / "a", 0, 3), publisher(tmp_path / "b", 9, 3)]
    assert make(tmp_path, notes) == 0
    assert json.loads(capsys.readouterr().out)["kind"] == "fork"
    assert judge(tmp_path, "--key", LOG_KEY) == 0


def test_a_receipt_for_a_history_that_a_later_receipt_does_not_go_on_from(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    notes = [publisher(tmp_path / "a", 0, 3), publisher(tmp_path / "b", 9, 300)]
    root = write(tmp_path / "root", root_document(HUB, HUB_UNIT, ["fed"], MIRROR_KEY.public))
    larger = ["--log", str(tmp_path / "b/log")]
    both = [received(note) for note in notes]
    assert make(tmp_path, both[::-1], "--root", root, *larger, key=MIRROR_VKEY) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["kind"], told["accused"], told["log"]) == ("fork", MIRROR, CATALOGUE)
    assert "联署方" in told["fault_zh"]
    assert judge(tmp_path, "--fingerprint", told["fingerprint"]) == 0
    raw = (tmp_path / "evidence.json").read_bytes()
    assert [note.count("—".encode()) for note in Evidence.decode(raw).notes] == [1, 1]


def test_a_receipt_dated_before_an_earlier_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first = publisher(tmp_path / "a", 0, 3)
    then = Publisher(tmp_path / "a").publish([instrument(3)])["checkpoint"]
    notes = [received(first), received(then, NOW - 301)]
    larger = ["--log", str(tmp_path / "a/log")]
    assert make(tmp_path, notes, *larger, key=MIRROR_VKEY) == 0
    assert json.loads(capsys.readouterr().out)["kind"] == "clock"
    assert judge(tmp_path, "--key", MIRROR_VKEY) == 0


async def test_a_receipt_for_bodies_that_the_hub_does_not_show(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    house = HubHouse(tmp_path)
    house.publish([instrument(n) for n in range(3)])
    house.answer(f"{USCC}/instrument/A-1", 1)
    record = parse_record(f"{USCC}/instrument/A-1")
    cosigner = VerifierKey.parse(MIRROR_VKEY)
    found = await prove_record(house.open(""), record, Trust(VerifierKey.parse(LOG_KEY), cosigner))
    receipt = write(tmp_path / "A-1.tlog-proof", found.proof)
    out = str(tmp_path / "evidence.json")
    words = ["make-evidence", receipt, "--key", MIRROR_VKEY, "--out", out, "--json"]
    assert await asyncio.to_thread(main, words) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["kind"], told["accused"], told["index"]) == ("withheld", MIRROR, 1)
    assert "回执" in told["fault_zh"]
    assert "示例仪器" not in (tmp_path / "evidence.json").read_text("utf-8")
    assert await asyncio.to_thread(judge, tmp_path, "--key", MIRROR_VKEY) == 0


def test_nothing_is_written_where_nobody_did_wrong(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first = publisher(tmp_path / "a", 0, 3)
    then = Publisher(tmp_path / "a").publish([instrument(3)])["checkpoint"]
    assert make(tmp_path, [first, then], "--log", str(tmp_path / "a/log")) == 3
    assert make(tmp_path, [first, then]) == 3
    assert make(tmp_path, [first, first]) == 3
    assert make(tmp_path, [first, then], key=MIRROR_VKEY) == 3
    assert "evidence.nothing" in capsys.readouterr().out
    assert not (tmp_path / "evidence.json").exists()
