"""`new-epoch`: end a log where the mirror holds it, and go on in the next epoch (feed §11)."""

import argparse
import asyncio
import shlex

from fenhe_client.fetching.fetch import Web
from fenhe_client.keys.log_end import add_end_options, aside
from fenhe_client.stored.head_store import HeadStore
from fenhe_node.home import alone, serving
from fenhe_node.hubs.mirror_copy import MirrorCopy
from fenhe_node.hubs.trust import trusted
from fenhe_node.node import Node, open_node
from fenhe_node.operations.keys import root_desk
from fenhe_node.operations.options import Commands, add_command, now, progress, wait
from fenhe_node.publishing.heads import own_root
from fenhe_node.publishing.own_erasures import settle_erased
from fenhe_node.publishing.publish import ASK_THE_MIRROR
from fenhe_node.refilling import publish_lost
from fenhe_node.report import Exit, Report
from fenhe_node.restoring.new_epoch import Ending, begin, end_here, ending_of
from fenhe_node.restoring.said_again import say_again
from fenhe_node.store import Store
from fenhe_node.store.counts import pending
from fenhe_protocol.errors import SetupError
from fenhe_protocol.origin import log_origin
from fenhe_protocol.root_changes import next_epoch
from fenhe_protocol.schema import SchemaSet

LACKING = (
    "根文档还缺签名: root-document; 之后再运行一次本命令, 在那以前节点什么也不签. "
    "The root document lacks signatures: bring them, then give this command once more; until then "
    "the node signs nothing"
)


def add_commands(commands: Commands) -> None:
    """Add it."""
    command = add_command(commands, "new-epoch", "终止日志, 另起一期 end a log", run_new_epoch)
    add_end_options(command, "catalogue, usage, catalogue.2 …")


def run_new_epoch(options: argparse.Namespace) -> Report:
    """Show where the log would end; with `--confirm` end it there."""
    node = open_node(options.home)
    with serving(node.home), alone(node.home):
        listed = node.root.log(options.log)
        if listed is not None and listed.end is not None:
            asyncio.run(_check_unused(node, next_epoch(options.log)))
            return _begun(node, options.log)
        return asyncio.run(_end(node, options))


async def _check_unused(node: Node, name: str) -> None:
    """SetupError `epoch.log` if the next epoch is in use: then it is `restore` that is wanted."""
    listed = node.root.log(name)
    if listed is None or listed.end is not None:
        raise SetupError("epoch.log", where=name)
    if HeadStore(node.home.heads).get(log_origin(node.root.origin, name)) is not None:
        return
    async with Web() as web:
        for hub, document in trusted(node.home):
            copy = MirrorCopy(web, node.home, hub, document, now)
            ending = await ending_of(node.root, name, node.keys, copy)
            if ending.head.size:
                raise SetupError("epoch.log", where=name, advice=ASK_THE_MIRROR)


async def _end(node: Node, options: argparse.Namespace) -> Report:
    known = trusted(node.home)
    if not known:
        raise SetupError("restore.no-hub", where="fenhe-node trust")
    async with Web() as web:
        hub, document = known[0]
        copy = MirrorCopy(web, node.home, hub, document, now)
        ending = await ending_of(node.root, options.log, node.keys, copy)
        if options.confirm is None:
            return _shown(options, ending)
        if options.confirm != ending.head.size:
            raise SetupError("epoch.confirm", where="--confirm", expected=str(ending.head.size))
        done = await end_here(node.home, root_desk(node), ending, new_key=options.new_key, now=now)
    if not done:
        return Report(LACKING, {"log": options.log, "served": False}, Exit.IN_PART)
    return _begun(node, options.log)


def _begun(node: Node, ended: str) -> Report:
    root = own_root(node.home)
    name = begin(node.home, root, node.keys, ended, now())
    schemas = SchemaSet.load()
    with Store.open(node.home.store) as store:
        publish_lost(node.home, store, schemas, now())
        said = say_again(node.pen(now, wait, progress), store, schemas, name)
        settle_erased(node.home, store)
        again = pending(store)
    text = (
        f"{ended} 已终止, {name} 已开始; {ended} has ended and {name} has begun\n"
        f"须重新发布的记录 records to publish again: {again} (fenhe-node publish)\n"
        f"重新写入的彻底删除 erasures said again: {said}\n"
        f"原来的文件 the former files: {aside(node.home.path, ended, 0).parent}\n"
        f"请确认省平台取到新的根文档 let the hub read root document {root.n} before anything else"
    )
    return Report(
        text, {"ended": ended, "log": name, "to_publish": again, "erasures": said, "served": True}
    )


def _shown(options: argparse.Namespace, ending: Ending) -> Report:
    head = ending.head
    command = shlex.join(["new-epoch", options.log, "--confirm", str(head.size)])
    text = (
        f"{options.log} 将在 {head.size} 处终止 would end at size {head.size}, 根 root "
        f"{head.root.hex()}\n"
        f"{next_epoch(options.log)} 从 0 开始 would begin. 终止不能撤回: 与省平台核对后再确认; "
        f"this cannot be taken back\n  fenhe-node … {command}"
    )
    facts = {"log": options.log, "size": head.size, "root": head.root.hex()}
    return Report(text, facts, Exit.IN_PART)
