"""`fenhe make-evidence`: whoever holds two notes that disagree makes a file that others judge."""

import asyncio
import json
from dataclasses import replace
from pathlib import Path

import pytest

from fenhe_client.cli import main
from fenhe_client.reading.prove import Trust, parse_record, prove_record
from fenhe_protocol.checkpoint import Checkpoint, KeyRange, cosign, sign_checkpoint
from fenhe_protocol.evidence import Evidence
from fenhe_protocol.keys import COSIGNATURE, ED25519, SigningKey, VerifierKey
from fenhe_protocol.proof import compose_proof, parse_proof
from fenhe_protocol.root_document import (
    LogKeys,
    compose_root,
    cosigner_name,
    fingerprint,
    sign_root,
)
from tests.client.hub_house import HUB, HUB_UNIT, MIRROR_KEY, ROOT_KEY, HubHouse, root_document
from tests.client.unit_log import CATALOGUE, KEY, NOW, UNIT, USCC, Publisher, instrument

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
    capsys.readouterr()
    assert judge(tmp_path, "--key", LOG_KEY, "--body", str(tmp_path / "0.note")) == 1
    error = json.loads(capsys.readouterr().out)["error"]
    assert (error["code"], error["where"]) == ("setup.value", "--body")


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


def test_a_log_that_changed_its_key_between_is_accused_by_its_root_documents(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old, new = KEY, SigningKey.from_seed(b"next".ljust(32))
    heads = [Checkpoint(CATALOGUE, size, bytes([size]) * 32) for size in (5, 5)]
    heads[1] = replace(heads[1], root=bytes(32))
    ranges = (KeyRange(old.public, 0, 5), KeyRange(new.public, 5))
    roots = _root_documents(ranges)
    files = [write(tmp_path / f"root-{n}", raw) for n, raw in enumerate(roots, 1)]
    words = [word for file in files for word in ("--root", file)]
    notes = [sign_checkpoint(head, new) for head in heads]
    assert make(tmp_path, notes, *words) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["kind"], told["root_document"]["n"]) == ("fork", 2)
    assert judge(tmp_path, "--fingerprint", told["fingerprint"]) == 0
    # What the old key signs above its bound is a thief's, and no fault of the unit.
    stolen = [sign_checkpoint(head, old) for head in heads]
    assert make(tmp_path, stolen, *words) == 3
    assert make(tmp_path, stolen, *words[:2]) == 0
    capsys.readouterr()
    assert main(["verify-evidence", str(tmp_path / "evidence.json")]) == 0
    told_to_people = capsys.readouterr().out
    assert "第 1 份根文档" in told_to_people
    assert "核实" in told_to_people


def test_a_key_that_signed_neither_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    notes = [publisher(tmp_path / "a", 0, 3), publisher(tmp_path / "b", 9, 3)]
    assert make(tmp_path, notes, key=MIRROR_VKEY) == 3
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "checkpoint.unsigned"


def _root_documents(ranges: tuple[KeyRange, KeyRange]) -> list[bytes]:
    """A log with an open key, and the document that bounds it and lists the next."""
    whole = dict(origin=UNIT, unit=USCC, url=f"https://{UNIT}", time=NOW, root=[ROOT_KEY.public])
    first = compose_root(logs=[LogKeys("catalogue", (replace(ranges[0], end=None),))], **whole)  # type: ignore[arg-type]
    then = compose_root(
        logs=[LogKeys("catalogue", ranges)],
        n=2,
        prev=fingerprint(first),
        **whole,  # type: ignore[arg-type]
    )
    return [sign_root(text, UNIT, [ROOT_KEY]) for text in (first, then)]


def test_each_body_that_is_shown_refutes_its_own_tier(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    house = HubHouse(tmp_path)
    house.publish([instrument(n) for n in range(3)])
    proof = parse_proof(house.prove(1))
    raw = compose_proof(1, proof.siblings, proof.leaf, {}, proof.note)
    assert make(tmp_path, [raw]) == 0
    pub, hub = (str(house.unit.folder / f"log/body/{tier}/000") for tier in ("pub", "hub"))
    capsys.readouterr()
    assert judge(tmp_path, "--key", LOG_KEY, "--body", pub) == 0
    assert list(json.loads(capsys.readouterr().out)["lacking"]) == ["hub"]
    assert judge(tmp_path, "--key", LOG_KEY, "--body", pub, "--body", hub) == 3
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "evidence.refuted"


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
