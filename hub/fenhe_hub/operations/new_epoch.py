"""`new-epoch`: end the hub's own log, and go on in the next epoch of it (feed §11)."""

import argparse
import asyncio
import shlex

from fenhe_client.fetching.fetch import Web
from fenhe_client.keys.log_end import add_end_options
from fenhe_hub.home import locked
from fenhe_hub.hub import Hub, open_hub
from fenhe_hub.operations.keys import IN_PART, root_desk
from fenhe_hub.operations.options import Commands, add_command
from fenhe_hub.report import show
from fenhe_hub.restoring.fed_copy import Mirror
from fenhe_hub.restoring.new_epoch import (
    Ending,
    begin,
    end_log_at,
    ending_at,
    ending_here,
    epoch_named,
    is_begun,
    seen_above,
)
from fenhe_hub.restoring.rebuild import rebuild
from fenhe_hub.visiting.workshop import Clock, system_clock
from fenhe_protocol.errors import SetupError
from fenhe_protocol.root_changes import next_epoch

LACKING = (
    "根文档还缺签名: root-document; 之后再运行一次本命令, 在那以前 fed 什么也不签. "
    "The root document lacks signatures: bring them, then give this command once more; until then "
    "nothing is signed in fed"
)


def add_commands(commands: Commands) -> None:
    """`new-epoch`."""
    command = add_command(commands, "new-epoch", "终止 fed, 另起一期 end fed", _new_epoch)
    add_end_options(command, "fed, fed.2 …")
    source = command.add_mutually_exclusive_group()
    source.add_argument("--from", dest="source", metavar="URL", help="另一个平台 another hub")
    source.add_argument("--here", action="store_true", help="本机的文件 our own files")


def _new_epoch(options: argparse.Namespace) -> int:
    hub = open_hub(options.home)
    with locked(hub.home.path / "serve.lock", patience=0):
        return asyncio.run(end_fed(hub, options, system_clock))


async def end_fed(hub: Hub, options: argparse.Namespace, clock: Clock) -> int:
    """Show where `fed` would end; with `confirm` end it there. Nobody may serve meanwhile."""
    async with Web(hub.config.limits) as web:
        mirror = Mirror(web, hub, options.source.rstrip("/"), clock) if options.source else None
        if mirror is not None:
            await mirror.read_own_roots()  # it may know that this epoch has ended already
        if is_begun(hub, options.log):
            return _begun(hub, options, clock)  # a kill, or people, came between
        log = epoch_named(hub, options.log)
        if mirror is None and not options.here:
            raise SetupError("restore.no-hub", where="--from URL", expected="--from URL | --here")
        ending = await ending_at(hub, log, mirror) if mirror else ending_here(hub, log)
        if options.confirm is None:
            return _shown(hub, options, ending)
        if options.confirm != ending.head.size:
            raise SetupError("epoch.confirm", where="--confirm", expected=str(ending.head.size))
        done = await end_log_at(
            hub, root_desk(hub), ending, mirror, new_key=options.new_key, now=clock()
        )
    if not done:
        show({"log": options.log, "served": False}, LACKING, as_json=options.json)
        return IN_PART
    return _begun(hub, options, clock)


def _begun(hub: Hub, options: argparse.Namespace, clock: Clock) -> int:
    name = begin(hub, clock())
    rebuild(hub)  # what was said above the end no longer counts
    text = (
        f"{options.log} 已终止, {name} 已开始; {options.log} has ended and {name} has begun\n"
        f"根文档 root document {hub.root.n}: 各单位一天内自己取到; every node reads it in a day\n"
        "镜像也丢了的, 接着 restore; if the mirror is lost as well, go on with restore"
    )
    show({"ended": options.log, "log": name, "served": True}, text, as_json=options.json)
    return 0


def _shown(hub: Hub, options: argparse.Namespace, ending: Ending) -> int:
    head, above = ending.head, seen_above(hub, ending)
    way = ["--from", options.source] if options.source else ["--here"]
    command = shlex.join(["new-epoch", options.log, *way, "--confirm", str(head.size)])
    text = (
        f"{options.log} 将在 {head.size} 处终止 would end at size {head.size}, 根 root "
        f"{head.root.hex()}\n"
        f"{next_epoch(options.log)} 从 0 开始 would begin. 终止不能撤回: 核对后再确认; "
        f"this cannot be taken back\n  fenhe-hub … {command}"
    )
    if above:
        text += f"\n见过更多的单位 have seen more: {', '.join(above)}"
    facts = {"log": options.log, "size": head.size, "root": head.root.hex(), "seen_above": above}
    show(facts, text, as_json=options.json)
    return IN_PART
