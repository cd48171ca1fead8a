"""`fenhe verify-proof`: proof files checked offline, good ones and all that can be wrong."""

import json
from pathlib import Path

import pytest

from fenhe_client.cli import main
from fenhe_client.reading.prove import Trust, parse_record, prove_record
from fenhe_protocol.keys import COSIGNATURE, ED25519, SigningKey, VerifierKey
from fenhe_protocol.root_document import cosigner_name
from tests.client.hub_house import HUB, MIRROR_KEY, HubHouse
from tests.client.unit_log import CATALOGUE, KEY, USCC, instrument

LOG_KEY = VerifierKey(CATALOGUE, ED25519, KEY.public)
COSIGNER = VerifierKey(cosigner_name(HUB), COSIGNATURE, MIRROR_KEY.public)
STRANGER = SigningKey.from_seed(b"stranger".ljust(32))


@pytest.fixture
async def file(tmp_path: Path) -> Path:
    """A proof as `fenhe prove --out` writes it."""
    house = HubHouse(tmp_path)
    house.publish([instrument(n) for n in range(300)])
    house.answer(f"{USCC}/instrument/A-7", 7)
    record = parse_record(f"{USCC}/instrument/A-7")
    found = await prove_record(house.open(""), record, Trust(LOG_KEY, COSIGNER))
    path = tmp_path / "A-7.tlog-proof"
    path.write_bytes(found.proof)
    return path


def check(file: Path, *cosigners: VerifierKey, key: VerifierKey = LOG_KEY) -> int:
    given = [word for each in cosigners for word in ("--cosigner", each.text)]
    return main(["verify-proof", str(file), "--key", key.text, *given, "--json"])


def test_what_prove_writes_is_accepted(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert check(file, COSIGNER) == 0
    facts = json.loads(capsys.readouterr().out)
    assert (facts["origin"], facts["index"], facts["size"], facts["leaf"]) == (
        *(CATALOGUE, 7, 300, "r"),
    )
    assert facts["cosigned"] == [
        {"name": COSIGNER.name, "time": "2026-11-23T08:01:05+08:00", "date": "2026-11-23"}
    ]
    assert facts["bodies"]["pub"]["id"] == "A-7"


def test_it_tells_a_person_who_signed_and_when(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["verify-proof", str(file), "--key", LOG_KEY.text]) == 0
    assert "只证明单位签名" in capsys.readouterr().out
    words = ["verify-proof", str(file), "--key", LOG_KEY.text, "--cosigner", COSIGNER.text]
    assert main(words) == 0
    assert "回执 receipt: hub.example/fenhe/m 2026-11-23" in capsys.readouterr().out


def test_a_named_cosigner_that_has_not_signed_makes_it_no_receipt(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = VerifierKey("witness.example/w", COSIGNATURE, STRANGER.public)
    assert check(file, COSIGNER, other) == 3
    error = json.loads(capsys.readouterr().out)["error"]
    assert (error["code"], error["expected"]) == ("proof.uncosigned", "witness.example/w")


def test_another_log_key_is_refused(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert check(file, key=VerifierKey(CATALOGUE, ED25519, STRANGER.public)) == 3
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "checkpoint.unsigned"


@pytest.mark.parametrize("where", [b"extra ", b"index ", b"\n\n"])
def test_a_changed_byte_is_refused(
    file: Path, where: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    raw = bytearray(file.read_bytes())
    at = raw.index(where) + len(where)
    raw[at] = ord("8") if raw[at] != ord("8") else ord("9")
    file.write_bytes(raw)
    assert check(file, COSIGNER) == 3
    assert json.loads(capsys.readouterr().out)["error"]["code"]


def test_a_file_that_is_not_there_is_no_refusal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert check(tmp_path / "none") == 1
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "proof.absent"


def test_a_file_of_another_kind_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "list.csv").write_bytes(b"x" * (3 * 1024 * 1024))
    assert check(tmp_path / "list.csv") == 3
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "proof.form"
