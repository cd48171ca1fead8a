"""Second lines on a log: by a key in a file or a token, always behind the head store."""

import stat
import sys
from pathlib import Path

import pytest

from fenhe_client.keys.second_signing import (
    KEY_FILE,
    SecondSigner,
    keep_token_key,
    make_second_key,
    open_second,
    second_key_here,
    second_line,
)
from fenhe_client.stored.files import CHECKPOINT
from fenhe_protocol.checkpoint import KeyRange, OpenedCheckpoint, open_checkpoint
from fenhe_protocol.encoding import b64_encode
from fenhe_protocol.errors import FenheError, SetupError
from fenhe_protocol.note import parse_note
from fenhe_protocol.second_line import public_of
from tests import sm2
from tests.client.second_house import UNIT, Ring, told
from tests.client.written_log import KEY, NOW, ORIGIN, Written, log_in, records
from tests.sm2 import need_libcrypto

ROOT = Path(__file__).parents[2]
TOKEN = f"{sys.executable} -m tests.client.sm2_token"


@pytest.fixture
def log(tmp_path: Path) -> Written:
    need_libcrypto()
    return log_in(tmp_path)


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    folder = tmp_path / "keys"
    folder.mkdir()
    return folder


def shown(log: Written, second: SecondSigner) -> OpenedCheckpoint:
    """What a reader who knows both keys makes of the checkpoint."""
    raw = log.files.read(CHECKPOINT)
    assert raw is not None
    asked = second_line((second.key,), required=False)
    return open_checkpoint(raw, origin=ORIGIN, keys=[KeyRange(KEY.public)], second=asked)


def code_of(error: pytest.ExceptionInfo[FenheError]) -> str:
    return error.value.code


def test_a_head_carries_both_lines_and_the_first_comes_first(log: Written, keys: Path) -> None:
    key = make_second_key(keys, UNIT)
    second = open_second(keys, UNIT)
    assert second.key == key == make_second_key(keys, UNIT) == second_key_here(keys, UNIT, "")
    head = log.writer.publish(records(0, 3), key=Ring(second), now=NOW)
    names = [line.name for line in parse_note(head.note).signatures]
    assert names == [ORIGIN, f"{UNIT}/sm2"]
    assert shown(log, second).seconded
    # A publish without anything new writes nothing, though each SM2 signature is another.
    assert log.writer.publish([], key=Ring(second), now=NOW + 10).note == head.note


def test_a_head_signed_before_is_given_its_line(log: Written, keys: Path) -> None:
    before = log.writer.publish(records(0, 1), key=Ring(None), now=NOW)
    make_second_key(keys, UNIT)
    second = open_second(keys, UNIT)
    after = log.writer.recover(key=Ring(second), now=NOW)
    assert after.note.startswith(before.note) and shown(log, second).seconded
    assert (after.size, after.root) == (before.size, before.root)
    assert log.writer.recover(key=Ring(None), now=NOW).note == after.note


def test_a_token_that_fails_keeps_the_head_and_nothing_else_is_ever_signed(
    log: Written, keys: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    before = log.writer.publish(records(0, 1), key=KEY, now=NOW)
    keep_token_key(keys, UNIT, sm2.public_of(sm2.SECRET))
    for command in (f"{TOKEN} badly", "false", "/nowhere/token", "echo"):
        with pytest.raises(SetupError) as caught:
            broken = Ring(open_second(keys, UNIT, command))
            log.writer.publish(records(1, 1), key=broken, now=NOW + 10)
        assert code_of(caught) == "sm2.command"
        assert log.files.read(CHECKPOINT) == before.note
    # The first attempt had found the head without its line; nothing was lost by that.
    second = open_second(keys, UNIT, TOKEN)
    head = log.writer.publish(records(1, 1), key=Ring(second), now=NOW + 20)
    assert head.size == 2 and shown(log, second).seconded


def test_a_head_that_moved_before_the_token_failed_is_shown_by_the_next_start(
    log: Written, keys: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    keep_token_key(keys, UNIT, sm2.public_of(sm2.SECRET))
    good = open_second(keys, UNIT, TOKEN)
    before = log.writer.publish(records(0, 1), key=Ring(good), now=NOW)
    with pytest.raises(SetupError):
        log.writer.publish(records(1, 1), key=Ring(open_second(keys, UNIT, "false")), now=NOW + 10)
    assert log.files.read(CHECKPOINT) == before.note
    moved = log.heads.get(ORIGIN)
    after = log.writer.recover(key=Ring(good), now=NOW + 20)
    assert moved is not None and moved.size == 2
    assert (after.size, after.root) == (moved.size, moved.root)
    assert shown(log, good).seconded


def test_the_key_file_is_for_its_owner_alone(log: Written, keys: Path) -> None:
    make_second_key(keys, UNIT)
    file = keys / KEY_FILE
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    file.chmod(0o640)
    with pytest.raises(SetupError) as caught:
        open_second(keys, UNIT)
    assert code_of(caught) == "keys.mode"
    file.chmod(0o600)
    for text in (f"{sm2.N:064x}", "0" * 64, "feedbeef"):
        file.write_text(text)
        with pytest.raises(SetupError) as caught:
            open_second(keys, UNIT)
        assert code_of(caught) == "keys.form" and text not in str(caught.value)


def test_what_is_not_there_is_named_before_anything_is_signed(log: Written, keys: Path) -> None:
    assert second_key_here(keys, UNIT, "") is None and second_key_here(keys, UNIT, TOKEN) is None
    for command in ("", TOKEN):
        with pytest.raises(SetupError) as caught:
            open_second(keys, UNIT, command)
        assert code_of(caught) == "keys.absent"
    keep_token_key(keys, "u2.example/fenhe", sm2.public_of(sm2.SECRET))
    with pytest.raises(SetupError) as caught:
        open_second(keys, UNIT, TOKEN)
    assert code_of(caught) == "sm2.name"
    (keys / "second.vkey").write_text("not a key\n")
    with pytest.raises(SetupError) as caught:
        open_second(keys, UNIT, TOKEN)
    assert code_of(caught) == "keys.form"


def test_the_command_makes_a_key_once_and_keeps_a_tokens(log: Written, keys: Path) -> None:
    first = told(keys, on=False)
    assert first["made"] and told(keys) == {**first, "made": False, "on": True}
    for arguments, command in ((("--public", b64_encode(bytes(65))), ""), ((), TOKEN)):
        with pytest.raises(SetupError) as caught:
            told(keys, *arguments, command=command)
        assert code_of(caught) == "setup.missing"
    public = sm2.public_of(sm2.SECRET)
    other = told(keys, "--public", b64_encode(public), command=TOKEN)
    assert other["made"] and other["key"] != first["key"]
    key = second_key_here(keys, UNIT, TOKEN)
    assert key is not None and (key.text, public_of(key)) == (other["key"], public)
    assert told(keys)["key"] == first["key"]  # the file's is still there
    with pytest.raises(SystemExit):
        told(keys, "--public", "not base64", command=TOKEN)
