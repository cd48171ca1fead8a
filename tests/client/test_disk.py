import errno
import os
import tempfile
from pathlib import Path

import pytest

from fenhe_client.stored import disk
from fenhe_client.stored.disk import Disk, move_files, remove_files, replace_files, write_apart
from fenhe_protocol.errors import StoreError
from tests.client.power_cut import RecordingDisk, Step


def steps_of(files: dict[Path, bytes]) -> list[tuple[str, str]]:
    steps: list[Step] = []
    replace_files(RecordingDisk(steps), files)
    return [(action, path.name) for action, path, _ in steps]


def test_a_file_is_flushed_before_it_takes_its_name_and_its_folder_after(tmp_path: Path) -> None:
    steps = steps_of({tmp_path / "a": b"1"})
    assert steps[-4:] == [
        ("write", ".a.new"),
        ("flush", ".a.new"),
        ("rename", ".a.new"),
        ("flush", tmp_path.name),
    ]
    assert (tmp_path / "a").read_bytes() == b"1"


def test_folders_are_on_the_medium_before_anything_in_them(tmp_path: Path) -> None:
    steps = steps_of({tmp_path / "x" / "y" / "a": b""})
    made = [step for step in steps if step[0] == "folder" or step[1] in (tmp_path.name, "x")]
    assert made == [
        ("folder", "x"),
        ("flush", tmp_path.name),
        ("folder", "y"),
        ("flush", "x"),
    ]


def test_many_files_are_flushed_at_once_or_each(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(disk, "MANY_FILES", 3)
    steps = steps_of({tmp_path / str(number): b"" for number in range(3)})
    together = steps.count(("flush all", ""))
    alone = [name for action, name in steps if action == "flush" and name.startswith(".")]
    assert (together, len(alone)) in ((2, 0), (0, 3))  # the files, then their names


def test_every_file_system_that_is_written_to_is_flushed(tmp_path: Path) -> None:
    with tempfile.TemporaryDirectory(dir="/dev/shm") as name:
        here, there = tmp_path / "public", Path(name, "held")
        files = {home / str(n): b"" for home in (here, there) for n in range(disk.MANY_FILES)}
        devices = {home.stat().st_dev for home in (tmp_path, Path(name))}
        steps = steps_of(files)
    together = steps.count(("flush all", ""))
    alone = [name for action, name in steps if action == "flush" and name.startswith(".")]
    assert (together, len(alone)) in ((2 * len(devices), 0), (0, len(files)))


def test_files_on_a_file_system_in_user_space_are_flushed_each(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(disk, "MANY_FILES", 3)
    monkeypatch.setattr(disk, "PLAIN_FILE_SYSTEMS", frozenset())
    steps = steps_of({tmp_path / str(number): b"" for number in range(3)})
    assert ("flush all", "") not in steps
    assert ("flush", ".2.new") in steps


def test_a_mount_of_any_name_keeps_nothing_from_being_flushed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mounts = b"22 1 8:1 / /media/\xcf\xee\r\xc4\xbf rw - ext4 /dev/sdb1 rw\n"
    (tmp_path / "mountinfo").write_bytes(mounts)
    monkeypatch.setattr(disk, "MANY_FILES", 3)
    monkeypatch.setattr(disk, "MOUNTS", tmp_path / "mountinfo")
    steps = steps_of({tmp_path / str(number): b"" for number in range(3)})
    assert ("flush", ".2.new") in steps or ("flush all", "") in steps


def test_a_file_in_the_place_of_a_folder_is_a_store_error(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"")
    with pytest.raises(StoreError) as caught:
        replace_files(Disk(), {tmp_path / "x" / "a": b""})
    assert caught.value.code == "store.write"


def test_what_is_taken_away_may_be_gone_already(tmp_path: Path) -> None:
    replace_files(Disk(), {tmp_path / "x" / "a": b"", tmp_path / "b": b""})
    remove_files(Disk(), [tmp_path / "x" / "a", tmp_path / "b", tmp_path / "y" / "c"])
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["x"]
    remove_files(Disk(), [tmp_path / "b"])


def test_what_a_killed_writer_left_goes_with_the_file(tmp_path: Path) -> None:
    (tmp_path / ".a.new").write_bytes(b"half")
    remove_files(Disk(), [tmp_path / "a"])
    assert list(tmp_path.iterdir()) == []


def test_a_failed_write_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    replace_files(Disk(), {tmp_path / "a": b"old"})
    (tmp_path / ".a.new").mkdir()
    with pytest.raises(StoreError):
        replace_files(Disk(), {tmp_path / "a": b"new"})
    assert (tmp_path / "a").read_bytes() == b"old"


def test_what_lies_apart_is_flushed_under_its_name_and_then_only_moved(tmp_path: Path) -> None:
    steps: list[Step] = []
    recording, source, target = RecordingDisk(steps), tmp_path / "apart", tmp_path / "shown" / "a"
    write_apart(recording, {source: b"1"})
    assert [step[:2] for step in steps][-2:] == [("flush", source), ("flush", tmp_path)]
    steps.clear()
    move_files(recording, {target: source})
    assert [step[:2] for step in steps][-2:] == [("rename", source), ("flush", target.parent)]
    assert (target.read_bytes(), source.exists()) == (b"1", False)


def test_what_is_moved_is_as_old_as_it_stands_in_its_place(tmp_path: Path) -> None:
    source, target = tmp_path / "apart", tmp_path / "shown"
    write_apart(Disk(), {source: b"1"})
    os.utime(source, (0, 0))
    move_files(Disk(), {target: source})
    assert target.stat().st_mtime > 0


def test_what_is_moved_to_another_file_system_is_copied(tmp_path: Path) -> None:
    class TwoFileSystems(Disk):
        def rename(self, source: Path, target: Path) -> None:
            if source.parent != target.parent:
                raise OSError(errno.EXDEV, "another file system")
            super().rename(source, target)

    source, target = tmp_path / "apart", tmp_path / "shown" / "a"
    write_apart(Disk(), {source: b"1"})
    move_files(TwoFileSystems(), {target: source})
    assert target.read_bytes() == b"1"
    with pytest.raises(StoreError):
        move_files(Disk(), {target: tmp_path / "none"})
