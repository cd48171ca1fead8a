"""`python -m deploy.packaging.windows`: a zip for 64-bit Windows in dist/. Not run on Windows.

Wheels resolved for win_amd64 and laid out, a launcher, and stand-ins for what Unix alone has.
"""

import tempfile
from collections.abc import Mapping
from pathlib import Path

from deploy.packaging.archives import write_zip
from deploy.packaging.deb import DIST, version
from deploy.packaging.wheels import ROOT, WINDOWS, install, locked_wheels, own_wheel

SOURCE = ROOT / "deploy/windows"


def windows(packages: Path) -> Mapping[str, bytes]:
    """Everything that goes into it, by name."""
    files = {
        f"packages/{path.relative_to(packages).as_posix()}": path.read_bytes()
        for path in packages.rglob("*")
        if path.is_file()
    }
    own = (*SOURCE.glob("*.*"), *SOURCE.glob("unix/*.py"))
    files |= {path.relative_to(SOURCE).as_posix(): path.read_bytes() for path in own}
    return {**files, "LICENSE": (ROOT / "LICENSE").read_bytes()}


def main() -> None:
    """Make it."""
    name = f"fenhe-{version()}-windows-not-run"
    DIST.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as made:
        wheels = locked_wheels(Path(made) / "wheels", WINDOWS)
        wheels.append(own_wheel(Path(made) / "own"))
        packages = Path(made) / "packages"
        install(wheels, packages, WINDOWS)
        files = windows(packages)
    print(write_zip(DIST / f"{name}.zip", {f"{name}/{path}": raw for path, raw in files.items()}))


if __name__ == "__main__":
    main()
