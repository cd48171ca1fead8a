"""`restore`: bring a home back from a hub's mirror, and go on where it ends (feed §11)."""

import argparse
import asyncio
from dataclasses import asdict
from pathlib import Path

from fenhe_node.backing_up.manifest import Manifest, find_backup
from fenhe_node.backing_up.putting_back import put_back
from fenhe_node.backing_up.sealed_keys import keys_beside, open_keys
from fenhe_node.home import Home, open_home
from fenhe_node.operations.options import Commands, add_command, complain, now
from fenhe_node.operations.passphrase import HELP, read_passphrase
from fenhe_node.report import Exit, Report
from fenhe_node.restoring.bring_back import bring_back
from fenhe_protocol.errors import Forked


def add_commands(commands: Commands) -> None:
    """Add it."""
    command = add_command(commands, "restore", "从镜像恢复 restore from the mirror", run_restore)
    command.add_argument(
        "--hub", metavar="URL", help="省平台网址 (备份里没有时 if not in the backup)"
    )
    command.add_argument("--fingerprint", metavar="F", help="省平台的指纹 the hub's fingerprint")
    command.add_argument(
        "--from-backup",
        type=Path,
        metavar="DIR",
        help="先从备份建好目录 make the home from a backup first",
    )
    command.add_argument(
        "--keys",
        type=Path,
        metavar="FILE",
        help="加密的密钥文件, 不写就用备份旁边的 the sealed keys; else those beside it",
    )
    command.add_argument("--passphrase-file", type=Path, metavar="FILE", help=HELP)


def run_restore(options: argparse.Namespace) -> Report:
    """Restore; two histories stop it, with both notes told."""
    if options.from_backup and (unfinished := _put_back(options)):
        return unfinished
    home = open_home(options.home)
    try:
        done = asyncio.run(bring_back(home, now, options.hub or "", options.fingerprint or ""))
    except Forked as error:
        for note in error.evidence:
            complain(note.decode("utf-8", "replace"))
        raise
    facts = {
        "hub": done.hub,
        "logs": [asdict(log) for log in done.logs],
        "records": done.records,
    }
    return Report("\n".join(done.lines()), facts, Exit.DONE if done.is_whole else Exit.IN_PART)


def _put_back(options: argparse.Namespace) -> Report | None:
    """Make the home; a report where its keys are still to be brought."""
    backup = find_backup(options.from_backup)

    def keys(manifest: Manifest) -> dict[str, str]:
        file = options.keys or _beside(options, backup)
        passphrase = read_passphrase(options.passphrase_file) if file else ""
        if file is None or not (passphrase or options.keys):
            return {}
        return open_keys(file, manifest.origin, passphrase)

    home = put_back(backup, options.home, keys)
    complain(f"已从备份放回 put back from {backup}")
    if any(home.keys.iterdir()):
        return None
    text = (
        f"还缺密钥: 放进 {home.keys} (chmod 600), 再运行 fenhe-node restore\n"
        "its keys are still to be brought there; then: fenhe-node restore"
    )
    return Report(text, {"backup": str(backup), "keys": str(home.keys)}, Exit.IN_PART)


def _beside(options: argparse.Namespace, backup: Path) -> Path | None:
    """The keys that were sealed with the backup, where none lie in the home."""
    there = Home(options.home).keys
    if there.is_dir() and any(there.iterdir()):
        return None
    if file := keys_beside(backup):
        complain(f"密钥 keys: {file}")
    return file
