"""`restore`: bring a hub back from another one or from its nodes, before it signs (feed §11)."""

import argparse
import asyncio
from collections.abc import Sequence
from dataclasses import asdict

from fenhe_hub.home import locked
from fenhe_hub.hub import Hub, open_hub
from fenhe_hub.operations.options import Commands, add_command
from fenhe_hub.report import complain, show
from fenhe_hub.restoring.from_others import Restored, restore
from fenhe_hub.visiting.workshop import Clock, sync_once, system_clock
from fenhe_protocol.errors import Forked


def add_commands(commands: Commands) -> None:
    """`restore`."""
    add = add_command(commands, "restore", "恢复 restore from a hub or from the nodes", _restore)
    source = add.add_mutually_exclusive_group(required=True)
    source.add_argument("--from", dest="source", metavar="URL", help="另一个平台 another hub")
    source.add_argument("--from-nodes", action="store_true", help="各单位的节点 the units' nodes")
    add.add_argument(
        "--despite",
        nargs="+",
        default=[],
        metavar="ORIGIN",
        help="不等这些单位, 也不信它们的说法 neither wait for these units nor believe them",
    )


async def bring_back(hub: Hub, clock: Clock, source: str, despite: Sequence[str]) -> Restored:
    """Restore, then one round: what erasures wait for is said and they are obeyed (feed §4)."""
    done = await restore(hub, clock, source=source, despite=despite)
    await sync_once(hub, clock=clock)
    return done


def _restore(options: argparse.Namespace) -> int:
    hub = open_hub(options.home)
    source = (options.source or "").rstrip("/")
    with locked(hub.home.path / "serve.lock", patience=0):
        try:
            done = asyncio.run(bring_back(hub, system_clock, source, options.despite))
        except Forked as error:
            for note in error.evidence:
                complain(note.decode("utf-8", "replace"))
            raise
    text = (
        f"fed: {done.before} → {done.size}\n"
        f"日志 logs: {len(done.logs)}, 找回的回执 receipts found again: {done.receipts}\n"
        "与问到的节点见过的一致, 可以继续; nothing that the nodes asked have seen speaks against "
        "going on"
    )
    if done.unasked:
        names = ", ".join(done.unasked)
        text += f"\n没有问到, 下一次心跳时核对 not asked, met by their next heartbeats: {names}"
    facts = {
        "fed": {"before": done.before, "size": done.size},
        "logs": [asdict(log) for log in done.logs],
        "receipts": done.receipts,
        "unasked": list(done.unasked),
    }
    show(facts, text, as_json=options.json)
    return 0
