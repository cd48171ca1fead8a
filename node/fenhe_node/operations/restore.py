"""`restore`: bring a home back from a hub's mirror, and go on where it ends (feed §11)."""

import argparse
import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

from fenhe_client.fetching.fetch import Web
from fenhe_client.keys.own_keys import OwnKeys
from fenhe_client.stored.head_store import HeadStore
from fenhe_client.writing.feed_writer import FeedWriter
from fenhe_node.backing_up.manifest import Manifest, find_backup
from fenhe_node.backing_up.putting_back import put_back
from fenhe_node.backing_up.sealed_keys import open_keys
from fenhe_node.config import load_config
from fenhe_node.home import Home, alone, open_home, serving
from fenhe_node.hubs.mirror_copy import MirrorCopy
from fenhe_node.hubs.trust import enrol_hub, trusted
from fenhe_node.operations.options import Commands, add_command, complain, now
from fenhe_node.operations.passphrase import HELP, read_passphrase
from fenhe_node.publishing.changes import settle
from fenhe_node.publishing.heads import current_logs, log_files, root_files
from fenhe_node.publishing.own_erasures import settle_erased
from fenhe_node.refilling import refill
from fenhe_node.report import Exit, Report
from fenhe_node.restoring.from_mirror import RestoredLog, restore_logs, restore_roots
from fenhe_node.store import Store
from fenhe_node.store.hubs import Hub
from fenhe_node.store.signed import signed_size
from fenhe_protocol.errors import Forked, SetupError, StoreError
from fenhe_protocol.origin import log_origin
from fenhe_protocol.root_document import RootDocument
from fenhe_protocol.schema import SchemaSet

UNKNOWN = (
    "注意: 本机不知道上次签到哪里. 如果在省平台的记录之后还发布过, 不要继续, 改用 new-epoch; "
    "what was signed last is not known here: if anything was published after what the hub has, "
    "do not go on but begin a new epoch (new-epoch)"
)


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
        "--keys", type=Path, metavar="FILE", help="加密的密钥文件 the file of sealed keys"
    )
    command.add_argument("--passphrase-file", type=Path, metavar="FILE", help=HELP)


def run_restore(options: argparse.Namespace) -> Report:
    """Restore; two histories stop it, with both notes told."""
    if options.from_backup and (unfinished := _put_back(options)):
        return unfinished
    home = open_home(options.home)
    with serving(home), alone(home):
        try:
            logs, behind, hub = asyncio.run(_restore(home, options))
        except Forked as error:
            for note in error.evidence:
                complain(note.decode("utf-8", "replace"))
            raise
    facts = {"hub": hub, "logs": [asdict(log) for log in logs], "records": behind}
    lacking = any(log.missing for log in logs)
    return Report(_text(logs, behind, hub), facts, Exit.IN_PART if lacking else Exit.DONE)


def _put_back(options: argparse.Namespace) -> Report | None:
    """Make the home; a report where its keys are still to be brought."""
    backup = find_backup(options.from_backup)

    def keys(manifest: Manifest) -> dict[str, str]:
        if options.keys is None:
            return {}
        passphrase = read_passphrase(options.passphrase_file)
        return open_keys(options.keys, manifest.origin, passphrase)

    home = put_back(backup, options.home, keys)
    complain(f"已从备份放回 put back from {backup}")
    if any(home.keys.iterdir()):
        return None
    text = (
        f"还缺密钥: 放进 {home.keys} (chmod 600), 再运行 fenhe-node restore\n"
        "its keys are still to be brought there; then: fenhe-node restore"
    )
    return Report(text, {"backup": str(backup), "keys": str(home.keys)}, Exit.IN_PART)


async def _restore(home: Home, options: argparse.Namespace) -> tuple[list[RestoredLog], int, str]:
    config = load_config(home.config_file)
    async with Web() as web:
        hub, document = await _hub(web, home, options)
        copy = MirrorCopy(web, home, hub, document, now)
        root = await restore_roots(home, config, copy)
        keys = OwnKeys(home.keys, root_files(home))
        keys.check()
        with Store.open(home.store) as store:
            _finish_killed(home, root, keys, store)
            signed = {log.name: signed_size(store, log.name) for log in root.logs}
        logs = await restore_logs(home, root, keys, copy, now, signed)
    # Before anything is served: what was erased since the copy was made goes from it too.
    with Store.open(home.store) as store:
        settle_erased(home, store)
        behind = refill(home, store, SchemaSet.load(), now())
    return logs, behind, hub.origin


def _finish_killed(home: Home, root: RootDocument, keys: OwnKeys, store: Store) -> None:
    """Show what a killed publish had promised, where the head store and the files still hold it."""
    heads = HeadStore(home.heads)
    for log in current_logs(home):
        origin = log_origin(root.origin, log)
        if heads.get(origin) is not None:
            with suppress(StoreError):  # the mirror may have what is gone here
                head = FeedWriter(origin, log_files(home, log), heads).recover(key=keys, now=now())
                settle(store, log, head.size)


async def _hub(web: Web, home: Home, options: argparse.Namespace) -> tuple[Hub, RootDocument]:
    if options.hub and options.fingerprint:
        fingerprint = "".join(options.fingerprint.lower().split())
        await enrol_hub(web, home, options.hub.rstrip("/"), fingerprint, now())
    known = trusted(home)
    wanted = [each for each in known if options.hub in (None, each[0].url)] or known
    if not wanted:
        raise SetupError("restore.no-hub", where="--hub", expected="--hub URL --fingerprint F")
    return wanted[0]


def _text(logs: Sequence[RestoredLog], behind: int, hub: str) -> str:
    lines = [f"已与镜像核对 compared with the mirror of {hub}"]
    for log in logs:
        lines.append(
            f"{log.name}: 本机原有 here before {log.before}, 镜像 mirror {log.mirrored}, "
            f"现在 now {log.size}"
        )
        for tier, count in sorted(log.missing.items()):
            lines.append(
                f"  缺 {tier} {count} 条正文 bodies are nowhere: 用 erase --reason lost 登记"
            )
    lines.append(f"按日志补齐的记录 records brought up to the logs: {behind}")
    if not all(log.known for log in logs):
        lines.append(UNKNOWN)
    return "\n".join(lines)
