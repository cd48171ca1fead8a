"""The two commands for the machine that keeps a root key, and a log verified by a fingerprint."""

import json
import stat
from pathlib import Path
from typing import Any

import pytest

from fenhe_client.cli import main
from fenhe_client.keys.own_keys import OwnKeys
from fenhe_client.stored.files import FolderFiles, root_path
from fenhe_client.writing.feed_writer import FeedWriter
from fenhe_protocol.encoding import b64_decode
from fenhe_protocol.entry import Entry
from fenhe_protocol.keys import SigningKey
from fenhe_protocol.note import parse_note
from fenhe_protocol.root_document import fingerprint
from tests.client.desks import NOW, ORIGIN, DeskHouse, step
from tests.client.unit_log import instrument


def run(capsys: pytest.CaptureFixture[str], *arguments: object, code: int = 0) -> Any:
    found = main([*map(str, arguments), "--json"])
    said = capsys.readouterr().out
    assert found == code, said
    return json.loads(said)


def made(capsys: pytest.CaptureFixture[str], file: Path) -> bytes:
    return b64_decode(run(capsys, "make-key", file)["key"], size=32)


def test_a_root_key_is_made_and_signs_on_another_machine(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    house, safe = DeskHouse(tmp_path / "home"), tmp_path / "safe"
    safe.mkdir()
    keys = [made(capsys, safe / f"{name}.seed") for name in "abc"]
    assert {stat.S_IMODE(file.stat().st_mode) for file in safe.iterdir()} == {0o600}
    own = list(house.believed.root)
    step(house, "propose", add_root=keys, drop_root=own, threshold=2)
    (text,) = (house.folder / "root-next").glob("*.txt")
    lines = [tmp_path / "line-a", tmp_path / "line-b"]
    for name, line in zip("ab", lines, strict=True):
        said = run(
            capsys,
            *("sign-root", text, "--seed-file", safe / f"{name}.seed", "--out", line),
            *("--previous", house.folder / "public" / root_path(1)),
        )
        assert (said["n"], said["origin"]) == (2, ORIGIN)
        assert any("3" in change or "2" in change for change in said["changes"])
    assert step(house, "adopt", *lines).done
    assert list(house.believed.root) == keys
    (house.seeds / "root.seed").unlink()
    house.rotate("log")
    (text,) = (house.folder / "root-next").glob("*.txt")
    for name, line in zip("cb", lines, strict=True):
        run(capsys, "sign-root", text, "--seed-file", safe / f"{name}.seed", "--out", line)
    assert step(house, "adopt", *lines).done
    assert house.believed.n == 3


def test_what_cannot_count_is_not_signed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    house = DeskHouse(tmp_path / "home", away=(SigningKey.from_seed(bytes(32)),))
    house.rotate("request")
    (text,) = (house.folder / "root-next").glob("*.txt")
    stranger, previous = tmp_path / "stranger.seed", house.folder / "public" / root_path(1)
    made(capsys, stranger)
    refused = run(
        capsys,
        *("sign-root", text, "--seed-file", stranger, "--previous", previous),
        code=3,
    )
    assert refused["error"]["code"] == "root.line"
    log = house.seeds / "log.seed"
    refused = run(capsys, "sign-root", text, "--seed-file", log, code=3)
    assert refused["error"]["code"] == "root.purpose"
    (tmp_path / "other").write_text("fenhe/root/v1\n{}\n")
    refused = run(capsys, "sign-root", tmp_path / "other", "--seed-file", stranger, code=3)
    assert refused["error"]["code"] == "root.form"
    assert run(capsys, "make-key", stranger, code=1)["error"]["code"] == "setup.key"
    absent = run(capsys, "sign-root", tmp_path / "none", "--seed-file", stranger, code=1)
    assert absent["error"]["code"] == "setup.value"


def _publish(house: DeskHouse, *entries: Entry) -> int:
    public = house.folder / "public" / "catalogue"
    files = FolderFiles(public, house.folder / "held" / "catalogue", log="catalogue")
    writer = FeedWriter(f"{ORIGIN}/catalogue", files, house.heads)
    keys = OwnKeys(house.seeds, house.roots)
    return writer.publish(entries, key=keys, now=NOW).size


def test_a_log_verifies_by_its_units_fingerprint_whoever_signed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    house = DeskHouse(tmp_path / "home")
    first = (house.folder / "public" / root_path(1)).read_bytes()
    compared = fingerprint(parse_note(first).text)
    log = house.folder / "public" / "catalogue"
    _publish(house, instrument(0))
    for size in (1, 2, 3):
        said = run(capsys, "verify", log, "--fingerprint", compared, "--quiet")
        assert (said["origin"], said["size"]) == (f"{ORIGIN}/catalogue", size)
        house.rotate("log")
        # Right after the rotation the head is still the old key's, and verifies as well.
        said = run(capsys, "verify", log, "--fingerprint", compared, "--quiet")
        assert said["size"] == size
        _publish(house, instrument(size))
    refused = run(capsys, "verify", log, "--fingerprint", "0" * 64, "--quiet", code=3)
    assert refused["error"]["code"] == "root.fingerprint"
    lost = run(capsys, "verify", tmp_path, "--fingerprint", compared, "--quiet", code=1)
    assert lost["error"]["code"] == "home.root"


def test_a_key_out_of_its_range_signs_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    house = DeskHouse(tmp_path / "home")
    first = (house.folder / "public" / root_path(1)).read_bytes()
    compared = fingerprint(parse_note(first).text)
    old = OwnKeys(house.seeds, house.roots).for_head(f"{ORIGIN}/catalogue", 1)
    _publish(house, instrument(0))
    house.rotate("log", stolen=True)
    public = house.folder / "public" / "catalogue"
    files = FolderFiles(public, house.folder / "held" / "catalogue", log="catalogue")
    thief = FeedWriter(f"{ORIGIN}/catalogue", files, house.heads)
    thief.publish([instrument(1)], key=old, now=NOW)
    refused = run(capsys, "verify", public, "--fingerprint", compared, "--quiet", code=3)
    assert refused["error"]["code"] == "checkpoint.unsigned"
