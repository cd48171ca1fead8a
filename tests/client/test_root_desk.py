"""Root documents on their way: signed here, by a command, or elsewhere; never too early."""

import argparse
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from fenhe_client.keys.root_commands import list_keys, rotate_key, set_url
from fenhe_client.stored.disk import Disk
from fenhe_protocol.encoding import b64_encode
from fenhe_protocol.errors import FenheError, Refused, SetupError
from fenhe_protocol.keys import SigningKey
from fenhe_protocol.root_document import RootDocument
from tests.client.desks import NOW, ORIGIN, DeskHouse, line_by, step

A, B, C, D = (SigningKey.from_seed(bytes([n]) * 32) for n in range(1, 5))


def test_a_log_key_is_bounded_above_what_it_signed(tmp_path: Path) -> None:
    house = DeskHouse(tmp_path)
    old = house.desk().keys.for_head(f"{ORIGIN}/catalogue", 0)
    house.signed("catalogue", 40)
    told = house.rotate("log")
    assert told.done
    for log, bound in (("catalogue", 41), ("usage", 1)):
        listed = house.believed.log(log)
        assert listed is not None
        (first, second) = listed.keys
        assert (first.public, first.start, first.end) == (old.public, 0, bound)
        assert (second.start, second.end) == (bound, None)
    assert house.desk().keys.for_head(f"{ORIGIN}/catalogue", 41).public == second.public
    # Again without a new head: who was listed stays listed.
    assert house.rotate("log").done
    assert [key.start for key in house.believed.logs[0].keys] == [0, 41, 42]


def test_request_keys_overlap_unless_one_was_stolen(tmp_path: Path) -> None:
    house = DeskHouse(tmp_path)
    (old,) = house.believed.request
    house.rotate("request")
    kept, new = house.believed.request
    assert kept == old
    house.rotate("request")
    assert house.believed.request[0] == new
    house.rotate("request", stolen=True)
    (last,) = house.believed.request
    assert last not in (old, new)
    assert house.desk().keys.request.public == last


def test_root_and_mirror_keys_are_replaced(tmp_path: Path) -> None:
    house = DeskHouse(tmp_path)
    before = house.believed
    house.rotate("root")
    house.rotate("mirror")
    after = house.believed
    assert before.cosign and after.cosign
    assert after.cosign != before.cosign
    assert set(after.root).isdisjoint(before.root)
    assert house.desk().keys.mirror.public == after.cosign.public
    told = list_keys(argparse.Namespace(), house.office())
    in_force = {row["key"] for row in told.facts["keys"] if row["in_force"]}
    assert {b64_encode(before.root[0]), b64_encode(before.cosign.public)}.isdisjoint(in_force)
    assert len(in_force) == 4
    assert all(row["here"] for row in told.facts["keys"])


def test_the_old_key_may_sign_on_up_to_the_margin(tmp_path: Path) -> None:
    house = DeskHouse(tmp_path / "home", away=(A,))
    house.signed("catalogue", 10)
    house.rotate("log", margin=5)
    line = line_by(house, A, tmp_path / "line")
    house.signed("catalogue", 15)
    assert step(house, "adopt", line).done
    assert [key.start for key in house.believed.logs[0].keys] == [0, 16]


def test_a_document_that_would_take_back_heads_is_not_adopted(tmp_path: Path) -> None:
    house = DeskHouse(tmp_path / "home", away=(A,))
    house.rotate("log", stolen=True)
    line = line_by(house, A, tmp_path / "line")
    house.signed("catalogue", 1)
    with pytest.raises(SetupError, match=r"^root\.outrun"):
        step(house, "adopt", line)
    assert house.believed.n == 1
    assert step(house, "discard").facts["discarded"] == 2
    house.rotate("log", stolen=True)
    assert step(house, "adopt", line_by(house, A, tmp_path / "line")).done


def test_only_one_document_waits_at_a_time(tmp_path: Path) -> None:
    house = DeskHouse(tmp_path / "home", away=(A,))
    house.rotate("request")
    with pytest.raises(SetupError, match=r"^root\.pending"):
        house.rotate("log")
    shown = step(house, "show")
    assert shown.facts["waiting"]["lacking"] == 1
    step(house, "discard")
    for action in ("sign", "adopt"):
        with pytest.raises(SetupError, match=r"^root\.no-draft"):
            step(house, action)
    # The key that was made for it is used by the next; nothing is left lying about.
    assert {file.name for file in house.seeds.glob("request*")} == {
        "request.seed",
        "request-2.seed",
    }
    house.rotate("request")
    assert len(list(house.seeds.glob("request*"))) == 2


def test_an_address_moves_with_a_document(tmp_path: Path) -> None:
    house = DeskHouse(tmp_path)
    set_url(argparse.Namespace(url="https://neu.example/fenhe/"), house.office())
    assert house.believed.url == "https://neu.example/fenhe"
    with pytest.raises(Refused, match=r"^root\.form"):
        set_url(argparse.Namespace(url="ftp://neu.example"), house.office())
    for same in ("https://neu.example/fenhe", "https://neu.example/fenhe/"):
        with pytest.raises(SetupError, match=r"^root\.same"):
            set_url(argparse.Namespace(url=same), house.office())


def test_a_document_that_changes_nothing_is_not_made(tmp_path: Path) -> None:
    house = DeskHouse(tmp_path)
    (own,) = house.believed.root
    nothing: list[dict[str, Any]] = [{}, {"threshold": 1}, {"add_root": [own]}]
    for options in nothing:
        with pytest.raises(SetupError, match=r"^root\.same"):
            step(house, "propose", **options)
    assert house.believed.n == 1


def test_a_clock_that_lies_back_is_told(tmp_path: Path) -> None:
    house = DeskHouse(tmp_path)
    before = house.believed.time
    for behind, warned in ((0, False), (300, False), (301, True)):
        office = replace(house.office(), now=before - behind)
        given = argparse.Namespace(purpose="log", stolen=False, margin=None, replace=None)
        told = rotate_key(given, office)
        assert told.done and ("时钟" in told.text) == ("clock" in told.facts) == warned
        assert house.believed.time == before


@pytest.mark.parametrize("purpose", ["log", "root", "request", "mirror"])
def test_killed_at_any_write_a_key_in_force_is_here(
    tmp_path: Path, purpose: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A rotation that ends at its nth change of the disk leaves the old document or the new one."""
    seen: set[int] = set()
    for kill_at in range(20):
        house = DeskHouse(tmp_path / str(kill_at))
        with monkeypatch.context() as patch:
            finished = _rotate_until(house, purpose, kill_at, patch)
        document: RootDocument = house.believed
        house.desk().keys.check()
        assert house.desk().keys.for_head(f"{ORIGIN}/catalogue", 1)
        seen.add(document.n)
        # Once more, and it is done: nothing stands in the way.
        assert house.rotate(purpose).done
        if finished:
            break
    assert seen == {1, 2}
    assert finished


class _Killed(BaseException):
    pass


def _rotate_until(house: DeskHouse, purpose: str, kill_at: int, patch: pytest.MonkeyPatch) -> bool:
    """Rotate, and die at the nth system call that changes the disk; whether it came through."""
    count = 0

    def counted(original: Any) -> Any:
        def call(*arguments: Any, **named: Any) -> Any:
            nonlocal count
            if count == kill_at:
                raise _Killed
            count += 1
            return original(*arguments, **named)

        return call

    for name in ("make_folder", "write", "flush", "rename", "unlink"):
        patch.setattr(Disk, name, counted(getattr(Disk, name)))
    for name in ("open", "fsync"):
        patch.setattr(os, name, counted(getattr(os, name)))
    patch.setattr(Path, "rename", counted(Path.rename))
    try:
        house.rotate(purpose)
    except _Killed:
        return False
    return True


def test_what_is_said_names_what_changed(tmp_path: Path) -> None:
    house = DeskHouse(tmp_path)
    told = house.rotate("log")
    assert told.facts["in_force"]
    assert any("catalogue" in line for line in told.facts["changes"])
    assert "第 2 份根文档已生效" in told.text
    with pytest.raises(FenheError):
        house.rotate("seal")
    assert house.believed.time == NOW
