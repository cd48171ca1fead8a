"""`backup`: the home copied while it serves, or a backup read again."""

import argparse
from pathlib import Path
from typing import Any

from fenhe_node.backing_up.making import BackedUp, back_up
from fenhe_node.backing_up.manifest import Manifest, find_backup, read_manifest
from fenhe_node.backing_up.verifying import verify
from fenhe_node.node import open_node
from fenhe_node.operations.homes import for_each_home
from fenhe_node.operations.options import Commands, add_command, now
from fenhe_node.operations.passphrase import HELP, read_passphrase
from fenhe_node.pages.site import clock
from fenhe_node.report import Exit, Report
from fenhe_protocol.errors import SetupError

WHERE = "放到哪个目录 the folder it goes to (config: backup.to)"


def add_commands(commands: Commands) -> None:
    """Add it."""
    command = add_command(commands, "backup", "备份 copy the home while it serves", run_backup)
    command.add_argument("folder", nargs="?", type=Path, metavar="DIR", help=WHERE)
    command.add_argument(
        "--verify", action="store_true", help="只核对已有的一份 only read one again that is there"
    )
    command.add_argument(
        "--with-keys",
        action="store_true",
        help="另存一个加密的密钥文件 seal the keys into a file beside it",
    )
    command.add_argument("--passphrase-file", type=Path, metavar="FILE", help=HELP)
    command.add_argument("--keep", type=int, metavar="N", help="保留几份 (config: backup.keep)")
    for_each_home(command, run_backup)


def run_backup(options: argparse.Namespace) -> Report:
    """Make one, or verify one."""
    node = open_node(options.home)
    offset = node.config.utc_offset_minutes
    folder = options.folder or Path(node.config.backup.to)
    if not str(folder) or folder == Path():
        raise SetupError("backup.target", where="DIR, backup.to")
    if options.verify:
        return _verified(find_backup(folder), offset)
    passphrase = read_passphrase(options.passphrase_file, again=True) if options.with_keys else ""
    keep = options.keep or node.config.backup.keep
    return _made(back_up(node, folder, keep=keep, now=now, passphrase=passphrase))


def _verified(folder: Path, offset: int) -> Report:
    manifest = read_manifest(folder)
    damaged = verify(folder, manifest)
    facts = {**_facts(folder, manifest), "damaged": damaged}
    text = f"{folder}\n{manifest.unit_name} · {clock(manifest.at, offset)} · {_size(manifest)}"
    lines = [text, *(f"  损坏 damaged: {each}" for each in damaged)]
    if not damaged:
        lines.append("完好, 可以恢复; whole: it can be restored")
    return Report("\n".join(lines), facts, Exit.REFUSED if damaged else Exit.DONE)


def _made(done: BackedUp) -> Report:
    manifest = done.manifest
    lines = [f"已备份 backed up: {done.folder} · {_size(manifest)}"]
    lines += [
        f"  本机已损坏 damaged here: {each}; fenhe-node check-files" for each in manifest.damaged
    ]
    if done.keys:
        lines.append(f"  密钥 keys: {done.keys} (口令另存 keep the passphrase elsewhere)")
    else:
        lines.append("  不含密钥 no keys are in it: --with-keys, 或另存 or keep them apart")
    lines += [f"  已删去旧的 older one taken away: {each.name}" for each in done.gone]
    facts = {
        **_facts(done.folder, manifest),
        "damaged": list(manifest.damaged),
        "keys": str(done.keys) if done.keys else None,
        "gone": [str(each) for each in done.gone],
    }
    return Report("\n".join(lines), facts, Exit.IN_PART if manifest.damaged else Exit.DONE)


def _facts(folder: Path, manifest: Manifest) -> dict[str, Any]:
    return {
        "folder": str(folder),
        "origin": manifest.origin,
        "at": manifest.at,
        "bytes": manifest.size,
        "logs": dict(manifest.logs),
    }


def _size(manifest: Manifest) -> str:
    return f"{len(manifest.files)} 个文件 files, {manifest.size / 1_048_576:.1f} MiB"
