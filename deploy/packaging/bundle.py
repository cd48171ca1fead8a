"""`python -m deploy.packaging.bundle`: one file for servers without internet, in dist/.

All wheels of the lock file and our own for several versions of Python, their hashes, a script.
"""

import hashlib
import os
import tempfile
from collections.abc import Iterable
from pathlib import Path

from deploy.packaging.archives import write_tar
from deploy.packaging.deb import DIST, version
from deploy.packaging.wheels import LOCK, ROOT, linux, locked_wheels, own_wheel

PYTHONS = ("3.11", "3.12", "3.13")
SERVICES = ("fenhe-node", "fenhe-hub", "fenhe-gateway", "fenhe-witness")


def bundle(wheels: Iterable[Path], own: Path, machine: str) -> dict[str, bytes]:
    """Everything that goes into it, by name."""
    script = (ROOT / "deploy/bundle/install.sh").read_text(encoding="utf-8")
    script = script.replace("@pythons@", " ".join(PYTHONS)).replace("@machine@", machine)
    files = {"install.sh": script.encode(), "wheels.lock": _lock(own)}
    files |= {f"wheels/{wheel.name}": wheel.read_bytes() for wheel in (*wheels, own)}
    for name in SERVICES:
        files[f"{name}.service"] = (ROOT / f"deploy/systemd/{name}.service").read_bytes()
    papers = sorted((ROOT / "docs/zh-CN").glob("*.md"))
    for paper in (ROOT / "LICENSE", ROOT / "deploy/node.example.yaml", *papers):
        files[paper.name] = paper.read_bytes()
    sums = (f"{hashlib.sha256(raw).hexdigest()}  {name}\n" for name, raw in sorted(files.items()))
    return {**files, "SHA256SUMS": "".join(sums).encode()}


def _lock(own: Path) -> bytes:
    """The lock file, and our own wheel by its hash."""
    digest = hashlib.sha256(own.read_bytes()).hexdigest()
    line = f"fenhe=={version()} \\\n    --hash=sha256:{digest}\n"
    return LOCK.read_bytes() + line.encode()


def main() -> None:
    """Make it for this kind of machine."""
    machine = os.uname().machine
    name = f"fenhe-{version()}-linux-{machine}"
    DIST.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as fetched:
        wheels = locked_wheels(Path(fetched), linux(machine, PYTHONS))
        files = bundle(wheels, own_wheel(Path(fetched) / "own"), machine)
    print(write_tar(DIST / f"{name}.tar.gz", {f"{name}/{k}": v for k, v in files.items()}))


if __name__ == "__main__":
    main()
