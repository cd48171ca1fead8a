"""A folder for a new home, and whether a home there is finished. Nothing is ever written over."""

from pathlib import Path

from fenhe_client.stored.account import check_account
from fenhe_protocol.errors import SetupError


def claim_folder(path: Path, *, mark: str) -> None:
    """Make it, if need be; SetupError where anything lies there.

    `home.exists` where the file `mark` says that a finished home does, else `home.not-empty`;
    `home.account` where it was made for another account, `store.write` where we may make none.
    A link `mark` that leads nowhere yet is no such thing: it says where that file is to be.
    """
    check_account(path)
    try:
        path.mkdir(parents=True, exist_ok=True)
    except PermissionError as error:
        raise SetupError(
            "store.write",
            where=str(path),
            found=str(error.strerror),
            advice="请管理员先建好目录, 交给本账号; have it made for this account: install -d -o …",
        ) from error
    if any(each.name != mark or each.exists() for each in path.iterdir()):
        raise SetupError(
            "home.exists" if (path / mark).is_file() else "home.not-empty",
            where=str(path),
            expected="空目录 an empty folder",
            advice="换一个目录; 不会覆盖. Choose another folder: nothing is overwritten",
        )


def check_finished(path: Path, *, mark: str, made_by: str) -> None:
    """SetupError `home.absent` where the file `mark` is not there yet, or `home.account`."""
    check_account(path)
    if not (path / mark).is_file():
        advice = f"先运行 {made_by}; run it first"
        raise SetupError("home.absent", where=str(path), expected=mark, advice=advice)
