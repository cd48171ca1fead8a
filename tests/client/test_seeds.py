"""Private keys as files: whole or not there, for their owner alone, wherever they are kept."""

import os
import pwd
import stat
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from fenhe_client.command_line import keep_from_others
from fenhe_client.keys.seeds import free_seed_file, load_seed, make_seed
from fenhe_client.stored.account import check_account
from fenhe_client.stored.new_folder import claim_folder
from fenhe_protocol.errors import SetupError


class _Killed(BaseException):
    pass


def _die(*arguments: object) -> None:
    raise _Killed


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
def test_a_key_is_for_its_owner_alone_whatever_the_umask(tmp_path: Path, umask: int) -> None:
    before = os.umask(umask)
    try:
        made = make_seed(tmp_path / "log.seed")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "log.seed").stat().st_mode) == 0o600
    assert load_seed(tmp_path / "log.seed") == made


def test_a_key_is_whole_or_not_there(tmp_path: Path) -> None:
    """Half a key under its own name would stop every command from then on."""
    for call in ("fsync", "open"):
        with pytest.MonkeyPatch.context() as patch, pytest.raises(_Killed):
            patch.setattr(os, call, _die)
            make_seed(tmp_path / "log.seed")
        assert list(tmp_path.glob("*.seed")) == []
    made = make_seed(tmp_path / "log.seed")
    assert load_seed(tmp_path / "log.seed") == made
    assert [file.name for file in tmp_path.iterdir()] == ["log.seed"]


def test_no_key_is_written_over_and_no_link_is_followed(tmp_path: Path) -> None:
    make_seed(tmp_path / "log.seed")
    (tmp_path / "log-2.seed").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "log-3.seed").mkdir()
    before = (tmp_path / "log.seed").read_bytes()
    for name in ("log.seed", "log-2.seed", "log-3.seed"):
        with pytest.raises(FileExistsError):
            make_seed(tmp_path / name)
    assert (tmp_path / "log.seed").read_bytes() == before
    assert not (tmp_path / "elsewhere").exists()
    assert free_seed_file(tmp_path, "log").name == "log-4.seed"


def test_a_key_that_others_may_read_is_not_used_and_the_way_out_is_told(tmp_path: Path) -> None:
    make_seed(tmp_path / "root.seed")
    (tmp_path / "root.seed").chmod(0o755)  # as a stick with FAT has all its files
    with pytest.raises(SetupError, match=r"^keys\.mode: .*U 盘"):
        load_seed(tmp_path / "root.seed")


def test_what_a_program_makes_nobody_else_may_write(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        for umask, mode in ((0o000, 0o755), (0o022, 0o755), (0o027, 0o750), (0o077, 0o700)):
            os.umask(umask)
            keep_from_others()
            (folder := tmp_path / f"{umask:o}").mkdir()
            assert stat.S_IMODE(folder.stat().st_mode) == mode
    finally:
        os.umask(before)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be refused for being root")
def test_root_does_not_work_in_the_home_of_another_account(tmp_path: Path) -> None:
    check_account(tmp_path)
    os.chown(tmp_path, 54321, 54321)
    with pytest.raises(
        SetupError, match=r"^home\.account: .*--user 54321:54321; sudo -u '#54321' /"
    ):
        check_account(tmp_path)
    os.chown(tmp_path, pwd.getpwnam("nobody").pw_uid, -1)
    with pytest.raises(SetupError, match=r"^home\.account: .*sudo -u nobody /"):
        claim_folder(tmp_path, mark="config.yaml")
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be somebody else")
@pytest.mark.parametrize("mode", [0o700, 0o755])
def test_an_account_that_may_not_work_in_a_home_is_told_whose_it_is(mode: int) -> None:
    with TemporaryDirectory(dir="/tmp") as name:
        home = Path(name)
        home.chmod(mode)
        os.seteuid(54321)
        try:
            with pytest.raises(SetupError, match=r"^(home\.account|store\.write): "):
                claim_folder(home / "new", mark="config.yaml")
            with pytest.raises(SetupError, match=r"^home\.account: .*sudo -u root /"):
                check_account(home)
        finally:
            os.seteuid(0)
