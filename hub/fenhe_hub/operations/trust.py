"""`trust`: let a hub above read what is held here, once its fingerprint was compared (feed §1)."""

import argparse
import asyncio
from contextlib import closing

from fenhe_client.fetching.fetch import Web
from fenhe_client.keys.roots import RootsRead
from fenhe_client.keys.typed_fingerprint import read_fingerprint
from fenhe_hub.hub import Hub, open_hub
from fenhe_hub.index.tables import open_index
from fenhe_hub.operations.options import Commands, add_command
from fenhe_hub.registry.above import TIERS, above_us, put_above, trust_hub
from fenhe_hub.report import pairs, show

DONE, COULD_NOT, IN_PART = 0, 1, 4


def add_commands(commands: Commands) -> None:
    """Add it."""
    trust = add_command(commands, "trust", "允许上级平台读取 let a hub above read", _trust)
    trust.add_argument("url", metavar="URL", help="上级平台的网址 its address")
    trust.add_argument(
        "--fingerprint", required=True, metavar="F", help="当面核对过的指纹 compared in person"
    )
    trust.add_argument(
        "--tier",
        nargs="+",
        choices=TIERS,
        default=list(TIERS),
        help="公开之外可读的层级 what it may read besides what is public (hub nat)",
    )
    trust.add_argument("--forget", action="store_true", help="不再允许 trust it no longer")


def _trust(options: argparse.Namespace) -> int:
    hub = open_hub(options.home)
    fingerprint = read_fingerprint(options.fingerprint)
    if options.forget:
        return _forget(hub, fingerprint, as_json=options.json)
    tiers = tuple(dict.fromkeys(options.tier))
    found = asyncio.run(_read(hub, options.url.rstrip("/"), fingerprint, tiers))
    root = found.document
    value = {
        "origin": root.origin,
        "url": options.url,
        "tiers": list(tiers),
        "root_document": root.n,
        "refused_next": found.refused.problem() if found.refused else None,
    }
    lines = {
        "已允许 trusted": root.origin,
        "层级 tiers": " ".join(("pub", *tiers)),
        "根文档 root document": root.n,
    }
    if found.refused is not None:
        lines["下一份不可信 the next one"] = str(found.refused)
    show(value, pairs(lines), as_json=options.json)
    return DONE if found.refused is None else IN_PART


async def _read(hub: Hub, url: str, fingerprint: str, tiers: tuple[str, ...]) -> RootsRead:
    with closing(open_index(hub.home.index)) as db:
        hubs = db.execute("SELECT origin FROM unit WHERE depth > 0 AND state <> 'retired'")
        beneath = {hub.origin, *(origin for (origin,) in hubs.fetchall())}
    async with Web(hub.config.limits) as web:
        return await trust_hub(web, hub.home, url, fingerprint, tiers, beneath)


def _forget(hub: Hub, fingerprint: str, *, as_json: bool) -> int:
    known = above_us(hub.home)
    gone = [each.origin for each in known if each.root1 == fingerprint]
    put_above(hub.home, [each for each in known if each.root1 != fingerprint])
    text = f"不再允许 no longer trusted: {', '.join(gone) or '—'}"
    show({"forgotten": gone}, text, as_json=as_json)
    return DONE if gone else COULD_NOT
