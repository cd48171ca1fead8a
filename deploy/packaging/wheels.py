"""The wheels that a package is made of: those of the lock file, and our own.

pip resolves nothing here: it takes from the lock file what fits a platform, and checks every hash.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LOCK = ROOT / "requirements.lock"

# sqlite-utils names pip for a command of its own that nobody here calls; ten MiB.
NOT_NEEDED = frozenset({"pip"})


@dataclass(frozen=True)
class Platform:
    """For which machine: the tags that pip is to take wheels of, and versions of Python."""

    tags: tuple[str, ...]
    pythons: tuple[str, ...] = ("3.11",)


LINUX_TAGS = ("manylinux_2_17_{0}", "manylinux2014_{0}", "manylinux_2_28_{0}")
WINDOWS = Platform(("win_amd64",), ("3.12",))


def linux(machine: str, pythons: tuple[str, ...] = ("3.11",)) -> Platform:
    """Linux with glibc 2.28 or later on a machine as `uname -m` names it."""
    return Platform(tuple(tag.format(machine) for tag in LINUX_TAGS), pythons)


def epoch() -> int:
    """The time that everything made carries, in POSIX seconds."""
    if given := os.environ.get("SOURCE_DATE_EPOCH"):
        return int(given)
    asked = ["git", "-C", str(ROOT), "log", "-1", "--format=%ct"]
    return int(subprocess.run(asked, check=True, capture_output=True, text=True).stdout)


def own_wheel(folder: Path) -> Path:
    """Build the wheel of Fenhe into `folder`."""
    made = {**os.environ, "SOURCE_DATE_EPOCH": str(epoch())}
    with tempfile.TemporaryDirectory() as fresh:
        _pip("wheel", "--no-deps", "--wheel-dir", fresh, str(ROOT), environment=made)
        (wheel,) = Path(fresh).glob("fenhe-*.whl")
        folder.mkdir(parents=True, exist_ok=True)
        return wheel.replace(folder / wheel.name)


def locked_wheels(folder: Path, platform: Platform) -> list[Path]:
    """Fetch what the lock file names for a platform, hashes checked; the wheels by name."""
    folder.mkdir(parents=True, exist_ok=True)
    for python in platform.pythons:
        tags = [option for tag in platform.tags for option in ("--platform", tag)]
        _pip(
            *("download", "--no-deps", "--require-hashes", "--only-binary=:all:"),
            *("--implementation", "cp", "--python-version", python, *tags),
            *("-r", str(LOCK), "--dest", str(folder)),
        )
    return sorted(folder.glob("*.whl"))


def install(wheels: Sequence[Path], folder: Path, platform: Platform) -> None:
    """Lay wheels out in a folder of packages, as an installed Python has them."""
    (python,) = platform.pythons
    tags = [option for tag in (*platform.tags, "any") for option in ("--platform", tag)]
    wanted = [wheel for wheel in wheels if wheel.name.partition("-")[0] not in NOT_NEEDED]
    _pip(
        *("install", "--no-deps", "--no-index", "--no-compile", "--only-binary=:all:"),
        *("--implementation", "cp", "--python-version", python, *tags),
        *("--no-warn-script-location", "--target", str(folder), *map(str, wanted)),
    )
    for left in ("bin", "Scripts"):
        _take_away(folder / left)
    # They name the builder's folders, and nobody reads them.
    for told in (*folder.glob("*.dist-info/direct_url.json"), *folder.glob("*.dist-info/RECORD")):
        told.unlink()


def _take_away(folder: Path) -> None:
    for file in sorted(folder.glob("*")):
        file.unlink()
    if folder.is_dir():
        folder.rmdir()


def _pip(*arguments: str, environment: dict[str, str] | None = None) -> None:
    command = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", *arguments]
    subprocess.run(command, check=True, env=environment)
