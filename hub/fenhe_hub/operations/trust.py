"""`trust`: let a hub above read what is held here, once its fingerprint was compared (feed §1)."""

import argparse
import asyncio

from fenhe_client.keys.typed_fingerprint import read_fingerprint
from fenhe_hub.desk.trusting import forget_above, trust_above
from fenhe_hub.hub import Hub, open_hub
from fenhe_hub.office.acting import Office
from fenhe_hub.office.staff import THE_HUB
from fenhe_hub.operations.options import Commands, add_command
from fenhe_hub.registry.above import TIERS
from fenhe_hub.report import pairs, show
from fenhe_hub.visiting.workshop import system_clock

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
    office, url = Office(hub, system_clock), options.url.rstrip("/")
    found = asyncio.run(trust_above(office, THE_HUB, url, fingerprint, tiers))
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


def _forget(hub: Hub, fingerprint: str, *, as_json: bool) -> int:
    gone = forget_above(Office(hub, system_clock), THE_HUB, fingerprint)
    text = f"不再允许 no longer trusted: {', '.join(gone) or '—'}"
    show({"forgotten": gone}, text, as_json=as_json)
    return DONE if gone else COULD_NOT
