"""`python -m deploy.packaging.deb [PROGRAM …]`: Debian packages in dist/, built by dpkg-deb alone.

A package holds a venv laid out by hand over Debian's own Python 3.11, so that nothing of it depends
on what else is installed. Start at `build`.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from gzip import GzipFile
from pathlib import Path

from deploy.packaging.programs import PROGRAMS, Program
from deploy.packaging.service import service_text
from deploy.packaging.wheels import ROOT, epoch, install, linux, locked_wheels, own_wheel

PYTHON = "3.11"  # of Debian 12
TEMPLATES = ROOT / "deploy/debian"
SCRIPTS = ("postinst", "prerm", "postrm")
DIST = ROOT / "dist"
NEXT = {
    "fenhe-node": "fenhe-node setup",
    "fenhe-hub": "fenhe-hub init --origin … --uscc …",
}


def build(program: Program, wheels: list[Path], folder: Path) -> Path:
    """Build one package into `folder`."""
    with tempfile.TemporaryDirectory() as made:
        tree = Path(made) / "tree"
        packages = tree / f"{program.prefix[1:]}/lib/python{PYTHON}/site-packages"
        packages.mkdir(parents=True)
        install(wheels, packages, linux(os.uname().machine))
        _compile(tree, packages)
        for path, (text, mode) in _files(program).items():
            _write(tree / path.lstrip("/"), text, mode)
        (tree / f"{program.prefix[1:]}/bin/python3").symlink_to("../../../bin/python3")
        if "fenhe" in program.others:
            (tree / "usr/bin/fenhe").symlink_to(f"../lib/{program.name}/bin/fenhe")
        _changelog(tree, program)
        _control(tree, program)
        _settle(tree)
        target = folder / f"{program.name}_{version()}_{_architecture()}.deb"
        command = ["dpkg-deb", "--root-owner-group", "-Zxz", "--build", str(tree), str(target)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=_environment())
        return target


def _files(program: Program) -> dict[str, tuple[str, int]]:
    """Every file that is not of a wheel: path, text, mode."""
    prefix, name = program.prefix, program.name
    venv = f"home = /usr/bin\ninclude-system-site-packages = false\nversion = {PYTHON}\n"
    files = {
        f"{prefix}/pyvenv.cfg": (venv, 0o644),
        f"/usr/bin/{name}": (_filled("command", program), 0o755),
        f"/lib/systemd/system/{name}.service": (service_text(program), 0o644),
        f"/usr/share/doc/{name}/copyright": (_filled("copyright", program), 0o644),
        f"/usr/share/lintian/overrides/{name}": (_filled("lintian-overrides", program), 0o644),
    }
    for script in SCRIPTS:
        files[f"/DEBIAN/{script}"] = (_filled(script, program), 0o755)
    for command in (name, *program.others):
        package = command.replace("-", "_") if "-" in command else "fenhe_client"
        files[f"{prefix}/bin/{command}"] = (_launcher(prefix, package), 0o755)
    return files


def _filled(template: str, program: Program) -> str:
    text = (TEMPLATES / template).read_text(encoding="utf-8")
    values = {
        "name": program.name,
        "account": program.account,
        "short": program.short,
        "home": program.home,
        "settings": program.settings,
        "prefix": program.prefix,
        "backups": program.backups,
        "next": NEXT[program.name],
    }
    for word, value in values.items():
        text = text.replace(f"@{word}@", value)
    return text


def _launcher(prefix: str, package: str) -> str:
    return (
        f"#!{prefix}/bin/python3\n"
        "import sys\n\n"
        f"from {package}.cli import main\n\n"
        'if __name__ == "__main__":\n'
        "    sys.exit(main())\n"
    )


def _write(path: Path, text: str, mode: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    path.chmod(mode)


def _compile(tree: Path, packages: Path) -> None:
    """Byte code whose sources need not be looked at: the folder is root's, and starts are quick."""
    options = ("-q", "--invalidation-mode", "unchecked-hash", "-s", str(tree), "-p", "/")
    command = [_debian_python(), "-m", "compileall", *options, str(packages)]
    environment = {**_environment(), "PYTHONHASHSEED": "0"}
    subprocess.run(command, check=True, env=environment)


def _debian_python() -> str:
    for found in ("/usr/bin/python3", sys.executable):
        said = subprocess.run([found, "--version"], capture_output=True, text=True, check=False)
        if said.stdout.startswith(f"Python {PYTHON}."):
            return found
    raise SystemExit(f"Python {PYTHON} is wanted, as Debian 12 has it")


def _changelog(tree: Path, program: Program) -> None:
    date = subprocess.run(
        ["date", "-u", "-R", "-d", f"@{epoch()}"], check=True, capture_output=True, text=True
    ).stdout.strip()
    text = (
        f"{program.name} ({version()}) unstable; urgency=medium\n\n"
        "  * See CHANGELOG.md of the sources.\n\n"
        f" -- The Fenhe contributors <fenhe@example.org>  {date}\n"
    )
    path = tree / f"usr/share/doc/{program.name}/changelog.gz"
    with path.open("wb") as raw, GzipFile("", "wb", 9, raw, mtime=epoch()) as out:
        out.write(text.encode())


def _control(tree: Path, program: Program) -> None:
    size = sum(path.lstat().st_size for path in _all_files(tree)) >> 10
    fields = {
        "Package": program.name,
        "Version": version(),
        "Architecture": _architecture(),
        "Maintainer": "The Fenhe contributors <fenhe@example.org>",
        "Installed-Size": str(size),
        "Depends": f"python3 (>= {PYTHON}), python3 (<< 3.12), adduser, libc6 (>= 2.28)",
        "Section": "net",
        "Priority": "optional",
        "Description": "\n ".join((program.summary, *program.description)),
    }
    text = "".join(f"{name}: {value}\n" for name, value in fields.items())
    _write(tree / "DEBIAN/control", text, 0o644)
    sums = "".join(
        f"{hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()}  "
        f"{path.relative_to(tree)}\n"
        for path in _all_files(tree)
        if not path.is_symlink() and "DEBIAN" not in path.parts
    )
    _write(tree / "DEBIAN/md5sums", sums, 0o644)


def _all_files(tree: Path) -> Iterator[Path]:
    yield from (path for path in sorted(tree.rglob("*")) if path.is_symlink() or path.is_file())


def _settle(tree: Path) -> None:
    """One time and plain modes for everything, so that the same source gives the same bytes."""
    at = (epoch(), epoch())
    for path in (tree, *tree.rglob("*")):
        if path.is_dir() and not path.is_symlink():
            path.chmod(0o755)
        elif not path.is_symlink() and path.parent.name not in ("bin", "DEBIAN"):
            path.chmod(0o644)
        os.utime(path, at, follow_symlinks=False)


def _environment() -> dict[str, str]:
    return {**os.environ, "SOURCE_DATE_EPOCH": str(epoch())}


def version() -> str:
    """The version of the sources."""
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    (line,) = (each for each in text.splitlines() if each.startswith("version = "))
    return line.partition("=")[2].strip(' "')


def _architecture() -> str:
    asked = ["dpkg", "--print-architecture"]
    return subprocess.run(asked, check=True, capture_output=True, text=True).stdout.strip()


def main() -> None:
    """Build those named, else all."""
    if shutil.which("dpkg-deb") is None:
        raise SystemExit("dpkg-deb is wanted: build on Debian, or in a chroot of it")
    DIST.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as fetched:
        wheels = locked_wheels(Path(fetched), linux(os.uname().machine))
        wheels.append(own_wheel(Path(fetched) / "own"))
        for name in sys.argv[1:] or PROGRAMS:
            print(build(PROGRAMS[name], wheels, DIST))


if __name__ == "__main__":
    main()
