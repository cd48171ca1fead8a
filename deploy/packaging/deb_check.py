"""`python -m deploy.packaging.deb_check`: install, use, upgrade, remove, purge in a clean Debian.

A chroot is made by debootstrap (as root, from Debian's mirror, `DEBIAN_MIRROR` names another) and
thrown away; where the machine cannot make one, it says why and ends with 0. No init runs in there:
that the service is good for systemd is seen beside it, by `systemd-analyze`.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy.packaging.deb import DIST
from deploy.packaging.programs import PROGRAMS, Program
from deploy.packaging.service import service_text

PROGRAM = PROGRAMS["fenhe-node"]
MIRROR = os.environ.get("DEBIAN_MIRROR", "http://deb.debian.org/debian")
SUITE = "bookworm"
MOST_EXPOSED = 1.5  # of 10, as `systemd-analyze security` counts; 10 is a service that may do all
INIT = "init --unit-name 示例大学 --uscc 12140000000000019W --origin u1.example/fenhe"
LIST = "资产编号,仪器名称,仪器状态\nA-1,核磁共振波谱仪,正常\n"


class Chroot:
    """A Debian of its own in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def run(self, command: str, *, expect: int = 0) -> str:
        """Run a line of shell; what it says."""
        print(f"# {command}", flush=True)
        environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8"}
        done = subprocess.run(
            ["chroot", str(self.folder), "sh", "-c", command],
            env=environment | {"DEBIAN_FRONTEND": "noninteractive"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        print(done.stdout, flush=True)
        if done.returncode != expect:
            raise SystemExit(f"exit code {done.returncode} instead of {expect}: {command}")
        return done.stdout

    def has(self, path: str) -> bool:
        """Whether something lies there."""
        return os.path.lexists(self.folder / path.lstrip("/"))


@contextmanager
def chroot(*packages: str) -> Iterator[Chroot]:
    """Make one with nothing but Debian's least, Python and `packages`; take it away again."""
    with tempfile.TemporaryDirectory(prefix="fenhe-deb-") as made:
        folder = Path(made) / "root"
        wanted = ",".join(("python3", "adduser", *packages))
        options = ("--variant=minbase", f"--include={wanted}")
        subprocess.run(["debootstrap", *options, SUITE, str(folder), MIRROR], check=True)
        subprocess.run(["mount", "-t", "proc", "proc", str(folder / "proc")], check=True)
        try:
            yield Chroot(folder)
        finally:
            subprocess.run(["umount", str(folder / "proc")], check=True)


def main() -> None:
    """Try the package that lies in dist/."""
    package = next(DIST.glob(f"{PROGRAM.name}_*.deb"), None)
    if package is None:
        raise SystemExit("make deb first")
    for each in sorted(DIST.glob("*.deb")):
        _lint(each)
    for program in PROGRAMS.values():
        _check_service(program)
    if reason := why_not():
        print(f"skipped: {reason}")
        return
    with chroot() as debian:
        walk(debian, package)
    print("installed, used, upgraded, removed and purged: the unit's data stayed")


def walk(debian: Chroot, package: Path) -> None:
    """One life of the package."""
    shutil.copy(package, debian.folder / "tmp/first.deb")
    _later(package, debian.folder / "tmp/later.deb")
    name, home = PROGRAM.name, PROGRAM.home
    told = debian.run("dpkg --install /tmp/first.deb")
    assert f"{name} setup" in told
    debian.run(f"{name} {INIT}")
    debian.run(f"printf '{LIST}' > /tmp/list.csv && {name} import /tmp/list.csv")
    debian.run(f"{name} publish --no-wait")
    owners = debian.run(f"stat -c '%U %a' {home} {home}/keys {home}/store.sqlite /etc/fenhe/node")
    assert owners.split() == [*("fenhe", "750", "fenhe", "700", "fenhe", "600", "fenhe", "750")]
    assert debian.run(f"readlink {home}/config.yaml").strip() == PROGRAM.settings
    fingerprint = debian.run(f"{name} fingerprint")
    debian.run("dpkg --install /tmp/later.deb")
    assert debian.run(f"{name} fingerprint") == fingerprint
    debian.run(f"{name} status --offline")
    debian.run(f"dpkg --remove {name}")
    assert not debian.has(f"/usr/bin/{name}")
    assert home in debian.run(f"dpkg --purge {name}")
    for path in (f"{home}/keys/root.seed", f"{home}/store.sqlite", PROGRAM.settings):
        assert debian.has(path), path
    debian.run("dpkg --install /tmp/first.deb")
    assert debian.run(f"{name} fingerprint") == fingerprint


def _later(package: Path, target: Path) -> None:
    """The same package with a later version."""
    with tempfile.TemporaryDirectory() as made:
        tree = Path(made) / "tree"
        subprocess.run(["dpkg-deb", "--raw-extract", str(package), str(tree)], check=True)
        control = tree / "DEBIAN/control"
        text = re.sub(r"(?m)^Version: .*$", r"\g<0>+later", control.read_text(encoding="utf-8"))
        control.write_text(text, encoding="utf-8")
        command = ["dpkg-deb", "--root-owner-group", "-Znone", "--build", str(tree), str(target)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def _lint(package: Path) -> None:
    if shutil.which("lintian") is None:
        print("no lintian here")
        return
    subprocess.run(["lintian", "--fail-on", "error,warning", str(package)], check=True)


def _check_service(program: Program) -> None:
    """What systemd says of a service, and how much of the machine it could reach."""
    if shutil.which("systemd-analyze") is None:
        print("no systemd-analyze here")
        return
    with tempfile.TemporaryDirectory() as made:
        unit = Path(made) / f"{program.name}.service"
        text = service_text(program).replace(f"{program.prefix}/bin/{program.name}", sys.executable)
        unit.write_text(text, encoding="utf-8")
        subprocess.run(["systemd-analyze", "verify", str(unit)], check=True)
        bound = f"--threshold={round(MOST_EXPOSED * 10)}"
        command = ["systemd-analyze", "security", "--offline=true", "--no-pager", bound, str(unit)]
        subprocess.run(command, check=True)


def why_not() -> str:
    """Why no chroot can be made here; empty if one can."""
    if os.geteuid() != 0:
        return "only root makes a chroot"
    if shutil.which("debootstrap") is None:
        return "no debootstrap here: apt install debootstrap"
    asked = ["apt-get", "update", "-qq"]
    if subprocess.run(asked, capture_output=True, check=False).returncode:
        return "Debian's mirror is not reached"
    return ""


if __name__ == "__main__":
    main()
