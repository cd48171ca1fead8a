"""An SM2 key renewed: who knows either key finds its line, and killed anywhere one is in force."""

import json
import os
import shutil
import stat
import subprocess
from pathlib import Path
from typing import Any

import pytest

from fenhe_client.keys.second_signing import KEY_FILE, open_second, second_line
from fenhe_client.keys.sm2_forms import public_to_der, signature_to_der
from fenhe_client.stored.disk import Disk
from fenhe_protocol.errors import FenheError, SetupError
from fenhe_protocol.note import parse_note
from fenhe_protocol.second_line import parse_second_key, public_of
from tests.client.second_house import UNIT, Ring, ring, told
from tests.client.written_log import NOW, Written, log_in, records
from tests.sm2 import need_libcrypto
from tests.wanting import wanting

DAY = 86_400


@pytest.fixture
def log(tmp_path: Path) -> Written:
    need_libcrypto()
    return log_in(tmp_path)


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    folder = tmp_path / "keys"
    folder.mkdir()
    return folder


def knows(note: bytes, *texts: str) -> bool:
    """Whether a reader who has enrolled these keys, and requires one, takes the note."""
    try:
        enrolled = tuple(map(parse_second_key, texts))
        return second_line(enrolled, required=True).check(parse_note(note))
    except FenheError as error:
        assert error.code == "sm2.unsigned"
        return False


def code_of(keys: Path, *arguments: str, **options: Any) -> str:
    with pytest.raises(SetupError) as caught:
        told(keys, *arguments, **options)
    return caught.value.code


def test_both_sign_until_the_old_one_is_retired(log: Written, keys: Path) -> None:
    old = told(keys)["key"]
    serving = ring(keys)  # a server that stays open all the while
    notes = [log.writer.publish(records(0, 1), key=serving, now=NOW).note]
    new = told(keys, "--renew", now=NOW + DAY)["key"]
    assert new != old
    # The head that was signed before is given the new line, and the next has both.
    notes.append(log.writer.recover(key=serving, now=NOW).note)
    notes.append(log.writer.publish(records(1, 1), key=serving, now=NOW + 10).note)
    assert told(keys, "--retire", now=NOW + 2 * DAY)["key"] == new
    notes.append(log.writer.publish(records(2, 1), key=serving, now=NOW + 20).note)
    assert [(knows(note, old), knows(note, new)) for note in notes] == [
        (True, False),
        (True, True),
        (True, True),
        (False, True),
    ]
    assert all(knows(note, old, new) for note in notes)
    former, last = told(keys)["keys"]
    assert (former["key"], former["why"], last["key"]) == (old, "renewed", new)
    assert (last["since"], former["until"]) == (
        "2026-11-24T08:01:05+08:00",
        "2026-11-25T08:01:05+08:00",
    )
    # The old private key may now be destroyed.
    (keys / former["file"]).unlink()
    assert open_second(keys, UNIT).key.text == told(keys)["key"] == new
    assert not told(keys, "--retire")["made"]


def test_a_stolen_key_signs_nothing_from_then_on(log: Written, keys: Path) -> None:
    stolen = told(keys)["key"]
    renewed = told(keys, "--renew")["key"]
    serving = ring(keys)
    new = told(keys, "--renew", "--stolen")["key"]
    note = log.writer.publish(records(0, 1), key=serving, now=NOW).note
    assert [knows(note, key) for key in (stolen, renewed, new)] == [False, False, True]
    assert [each["why"] for each in told(keys)["keys"]] == ["stolen", "stolen", ""]
    assert {stat.S_IMODE(file.stat().st_mode) for file in keys.glob("second*.key")} == {0o600}


def test_steps_out_of_turn_change_nothing(keys: Path) -> None:
    need_libcrypto()
    for step in ("--renew", "--retire"):
        assert code_of(keys, step) == "keys.absent"
    told(keys)
    told(keys, "--renew")
    before = {file.name: file.read_bytes() for file in keys.iterdir()}
    assert code_of(keys, "--renew") == "sm2.renewing"
    assert code_of(keys, "--stolen") == "setup.missing"
    assert code_of(keys, "--renew", command="a token") == "setup.missing"
    assert {file.name: file.read_bytes() for file in keys.iterdir()} == before


@pytest.mark.parametrize(
    "text", ["", "[]", '{"keys":[{}]}', '{"keys":[{"key":"x","file":"f","since":""}]}', "{"]
)
def test_a_register_that_is_none_stops_before_anything_is_signed(keys: Path, text: str) -> None:
    need_libcrypto()
    told(keys)
    (keys / "second.json").write_text(text)
    assert code_of(keys) == "keys.form"
    with pytest.raises(SetupError, match=r"^keys\.form"):
        open_second(keys, UNIT)


def test_the_register_of_another_unit_is_refused(keys: Path) -> None:
    need_libcrypto()
    told(keys)
    told(keys, "--renew")
    file = keys / "second.json"
    parsed = json.loads(file.read_text())
    parsed["keys"][0]["key"] = parsed["keys"][1]["key"]
    file.write_text(json.dumps(parsed))
    with pytest.raises(SetupError, match=r"^sm2\.name"):
        open_second(keys, "u2.example/fenhe")


class _Killed(BaseException):
    pass


def test_killed_at_any_change_of_the_disk_the_old_key_signs_or_both(tmp_path: Path) -> None:
    need_libcrypto()
    seen: set[int] = set()
    for kill_at in range(20):
        keys = tmp_path / str(kill_at)
        keys.mkdir()
        old = told(keys)["key"]
        with pytest.MonkeyPatch.context() as patch:
            finished = _renewed_until(keys, kill_at, patch)
        signing = [each.key.text for each in open_second(keys, UNIT).in_force()]
        assert signing[0] == old
        seen.add(len(signing))
        if len(signing) == 1:
            told(keys, "--renew")
        # What was left half done is used or written over, and nothing is left lying about.
        assert len(list(keys.glob("second*.key"))) == 2
        if finished:
            break
    assert seen == {1, 2} and finished


def _renewed_until(keys: Path, kill_at: int, patch: pytest.MonkeyPatch) -> bool:
    """Renew, and die at the nth system call that changes the disk; whether it came through."""
    count = 0

    def counted(original: Any) -> Any:
        def call(*arguments: Any, **named: Any) -> Any:
            nonlocal count
            count += 1
            if count > kill_at:
                raise _Killed
            return original(*arguments, **named)

        return call

    for name in ("write", "flush", "rename"):
        patch.setattr(Disk, name, counted(getattr(Disk, name)))
    for name in ("open", "fsync"):
        patch.setattr(os, name, counted(getattr(os, name)))
    patch.setattr(Path, "rename", counted(Path.rename))
    try:
        told(keys, "--renew")
    except _Killed:
        return False
    return True


def test_openssl_verifies_the_lines_of_both(log: Written, keys: Path, tmp_path: Path) -> None:
    if shutil.which("openssl") is None:
        wanting("openssl", "no openssl command here: apt install openssl")
    texts = [told(keys)["key"], told(keys, "--renew")["key"]]
    note = parse_note(log.writer.publish(records(0, 1), key=ring(keys), now=NOW).note)
    (tmp_path / "text").write_bytes(note.text)
    for key in map(parse_second_key, texts):
        (blob,) = note.lines_of(key)
        (tmp_path / "sig").write_bytes(signature_to_der(blob))
        (tmp_path / "key.der").write_bytes(public_to_der(public_of(key)))
        done = subprocess.run(
            [
                *("openssl", "dgst", "-sm3", "-sigopt", "distid:1234567812345678"),
                *("-verify", "key.der", "-keyform", "DER", "-signature", "sig", "text"),
            ],
            cwd=tmp_path,
            capture_output=True,
        )
        assert done.returncode == 0, done.stderr


def test_an_old_home_needs_no_register(log: Written, keys: Path) -> None:
    key = told(keys)["key"]
    assert [file.name for file in keys.iterdir()] == [KEY_FILE]
    note = log.writer.publish(records(0, 1), key=Ring(open_second(keys, UNIT)), now=NOW).note
    assert knows(note, key)
