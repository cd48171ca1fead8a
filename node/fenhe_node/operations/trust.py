"""`trust`: let a hub read what is held for it, once its fingerprint was compared.

With `--gateway` it is the gateway to the national platform that is trusted, see `gateway`.
"""

import argparse
import asyncio

from fenhe_client.fetching.fetch import Web
from fenhe_client.keys.roots import RootsRead
from fenhe_client.keys.second_keys import SecondKeys
from fenhe_client.keys.typed_fingerprint import read_fingerprint
from fenhe_node.hubs.second_lines import keep_second_keys, second_keys
from fenhe_node.hubs.trust import enrol_hub
from fenhe_node.node import Node, open_node
from fenhe_node.operations import gateway
from fenhe_node.operations.options import Commands, add_command, now
from fenhe_node.report import Exit, Report
from fenhe_node.store import Store, hubs
from fenhe_protocol.second_line import second_fingerprint
from fenhe_protocol.terminal import grouped


def add_commands(commands: Commands) -> None:
    """Add it."""
    trust = add_command(commands, "trust", "信任省平台或网关 trust a hub or gateway", run_trust)
    trust.add_argument(
        "hub",
        metavar="URL",
        help="网址, 网关也可给存放 root/1 的文件夹 its address; a gateway: or a folder with root/1",
    )
    trust.add_argument(
        "--fingerprint", required=True, metavar="F", help="当面核对过的指纹 compared in person"
    )
    trust.add_argument(
        "--gateway",
        action="store_true",
        help="国家平台网关: 此后把用户信息密封给它 the gateway: seal to its key from now on",
    )
    second = trust.add_mutually_exclusive_group()
    second.add_argument(
        "--sm2",
        action="append",
        default=[],
        metavar="VKEY",
        help="省平台的国密公钥, 此后它的日志须有此签名, 可重复 "
        "the hub's SM2 key: its log must carry that line from now on; may be repeated",
    )
    second.add_argument(
        "--no-sm2", action="store_true", help="不再要求国密签名 ask for no SM2 line any more"
    )
    trust.add_argument("--forget", action="store_true", help="不再信任 trust it no longer")


def run_trust(options: argparse.Namespace) -> Report:
    """Read the hub's root documents, compare, and keep its keys."""
    node = open_node(options.home)
    fingerprint = read_fingerprint(options.fingerprint)
    if options.gateway and options.forget:
        return gateway.forget(node, fingerprint)
    if options.gateway:
        return gateway.trust_gateway(node, options.hub, fingerprint)
    if options.forget:
        return _forget(node, fingerprint)
    second = SecondKeys.parse(options.sm2) if options.sm2 or options.no_sm2 else None
    found = asyncio.run(_trust(node, options.hub.rstrip("/"), fingerprint, second))
    document, keys = found.document, second_keys(node.home, fingerprint)
    facts = {
        "origin": document.origin,
        "url": options.hub,
        "root_document": document.n,
        "request_keys": len(document.request),
        "cosigner": document.cosign.text if document.cosign else None,
        "sm2": keys.texts,
        "refused_next": found.refused.problem() if found.refused else None,
    }
    text = f"已信任 trusted: {document.origin} (根文档 root document {document.n})"
    text += "".join(f"\n国密签名 SM2-SM3: {grouped(second_fingerprint(key))}" for key in keys.keys)
    if found.refused:
        return Report(
            f"{text}\n下一份根文档不可信 the next one: {found.refused}", facts, Exit.IN_PART
        )
    return Report(text, facts)


def _forget(node: Node, fingerprint: str) -> Report:
    with Store.open(node.home.store) as store:
        known = [hub.origin for hub in hubs.every(store) if hub.fingerprint == fingerprint]
        for origin in known:
            hubs.remove(store, origin)
    keep_second_keys(node.home, fingerprint, SecondKeys())
    text = f"不再信任 no longer trusted: {', '.join(known) or '—'}"
    return Report(text, {"forgotten": known}, Exit.DONE if known else Exit.COULD_NOT)


async def _trust(node: Node, url: str, fingerprint: str, second: SecondKeys | None) -> RootsRead:
    async with Web() as web:
        return await enrol_hub(web, node.home, url, fingerprint, now(), second)
