"""`enrol`: a unit becomes known to the hub, by a fingerprint that a person compared (feed §5)."""

import argparse
import asyncio
import time
from collections.abc import Sequence
from pathlib import Path

from fenhe_client.fetching.addresses import PRIVATE_TOO, PUBLIC_ONLY
from fenhe_client.fetching.fetch import Web
from fenhe_client.keys.roots import keep_roots, read_roots, stored_roots
from fenhe_client.keys.typed_fingerprint import read_fingerprint
from fenhe_hub.below.besides import beneath_us
from fenhe_hub.below.foreseeing import foresee, is_hub
from fenhe_hub.fed.round import FedRound
from fenhe_hub.home import locked
from fenhe_hub.hub import Hub, open_hub
from fenhe_hub.mirror.roots import current_root, root_files
from fenhe_hub.operations.options import Commands, add_command
from fenhe_hub.registry.enrolled import Enrolment, Registry
from fenhe_hub.report import pairs, show
from fenhe_hub.restoring.from_others import remember_unit
from fenhe_hub.witnessing.before_signing import refuse_if_behind
from fenhe_protocol.errors import FenheError, Refused, SetupError
from fenhe_protocol.published_keys import check_unpublished
from fenhe_protocol.request import key_id
from fenhe_protocol.root_document import RootDocument, open_first
from fenhe_protocol.terminal import grouped


def add_commands(commands: Commands) -> None:
    """`enrol`."""
    enrol = add_command(commands, "enrol", "登记一个单位 enrol a unit", _enrol)
    where = enrol.add_mutually_exclusive_group(required=True)
    where.add_argument(
        "url", metavar="URL", nargs="?", help="单位节点的地址 where its node answers"
    )
    where.add_argument(
        "--root-file",
        metavar="FILE",
        type=Path,
        help="节点访问不到、由它自己推送的: 单位交来的 root/1 for a node that only pushes",
    )
    enrol.add_argument(
        "--fingerprint", required=True, help="与单位当面核对过的指纹 compared with the unit"
    )
    enrol.add_argument(
        "--allow-private", action="store_true", help="允许内网地址和http reach private addresses"
    )


def _enrol(options: argparse.Namespace) -> int:
    hub = open_hub(options.home)
    fingerprint = read_fingerprint(options.fingerprint)
    asyncio.run(refuse_if_behind(hub))
    known = list(Registry(hub.home.registry_file))
    try:
        unit = _enrolled(hub, options, fingerprint)
    except FenheError as error:
        if error.code in ("fetch.url", "fetch.address") and not options.allow_private:
            error.advice = "节点在内网或只有 http 的, 加 --allow-private; for a private address"
        raise
    said = publish_registration(hub, now=int(time.time()))
    result = {
        "origin": unit.origin,
        "unit": unit.uscc,
        "url": unit.url,
        "fingerprint": unit.root1,
        "allow_private": unit.allow_private,
        "pushes": unit.pushes,
        "depth": unit.depth,
        "already": unit in known,
        "reg": "published" if said else "next publish",
    }
    show(result, _text(unit, already=unit in known, said=said), as_json=options.json)
    return 0


def _enrolled(hub: Hub, options: argparse.Namespace, fingerprint: str) -> Enrolment:
    if options.root_file is not None:
        return enrol_pushing(hub, _read(options.root_file), fingerprint)
    url = options.url.rstrip("/")
    return asyncio.run(enrol_unit(hub, url, fingerprint, allow_private=options.allow_private))


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise SetupError("setup.value", where="--root-file", found=str(error)) from error


def _text(unit: Enrolment, *, already: bool, said: bool) -> str:
    if already:
        head = "早已登记, 没有变化 already enrolled, nothing changed"
    else:
        head = "已登记 enrolled" + ("" if said else ", 下一轮写进 fed; in fed with the next round")
    lines = {
        "名称 origin": unit.origin,
        "单位 unit": unit.uscc,
        "网址 address": unit.url,
        "指纹 fingerprint": grouped(unit.root1),
        "内网 private": "允许 allowed" if unit.allow_private else "不允许 not allowed",
    }
    if unit.is_hub:
        lines["下级平台 a hub"] = f"层级 depth {unit.depth}"
    if unit.pushes:
        del lines["内网 private"]
        lines["方式 way"] = "由节点推送, 不去访问 it pushes and is not visited"
    return f"{head}\n{pairs(lines)}"


async def enrol_unit(hub: Hub, url: str, fingerprint: str, *, allow_private: bool) -> Enrolment:
    """Fetch, believe, then enrol."""
    async with Web(hub.config.limits) as web:
        fetcher = web.open(url, reach=PRIVATE_TOO if allow_private else PUBLIC_ONLY)
        read = await read_roots(
            fetcher, (), fingerprint=fingerprint, allow_loopback_http=allow_private
        )
        first = read.added[0]
        unit = Enrolment(
            origin=first.origin,
            uscc=first.unit,
            root1=fingerprint,
            url=url,
            root_url=read.document.url,
            allow_private=allow_private,
        )
        if is_hub(read.document):
            unit = await foresee(hub, web, unit, read.document, int(time.time()))
    _add(hub, unit, read.added)
    return unit


def enrol_pushing(hub: Hub, raw: bytes, fingerprint: str) -> Enrolment:
    """Enrol by root document 1 as a person brought it; its node is never visited (feed §9)."""
    # Nobody fetches from the address it names, so that may be any.
    root = open_first(raw, fingerprint=fingerprint, allow_loopback_http=True)
    unit = Enrolment(
        origin=root.origin,
        uscc=root.unit,
        root1=fingerprint,
        url=root.url,
        root_url=root.url,
        pushes=True,
    )
    _add(hub, unit, (root,))
    return unit


def _add(hub: Hub, unit: Enrolment, documents: Sequence[RootDocument]) -> None:
    """Compare with everyone known, then write the documents and the registry."""
    with locked(hub.home.path / "registry.lock"):
        registry = Registry(hub.home.registry_file)
        _check_keys(hub, registry, documents[-1])
        beneath = beneath_us(hub.home, hub.origin)
        registry.check(unit, hub.origin, beneath)
        keep_roots(root_files(hub.home, unit.origin), documents)
        if registry.get(unit.origin) is not None:  # its documents may have been lost until now
            remember_unit(hub, unit.origin, int(time.time()))
        registry.add(unit, hub.origin, beneath)


def _check_keys(hub: Hub, registry: Registry, new: RootDocument) -> None:
    """A key that everybody has, or that another unit asks with, is none; Refused.

    `key.published`, or `enrol.key`: a request key says who asks.
    """
    check_unpublished(new)
    taken = {key_id(reader.public): reader.name for reader in hub.config.readers}
    taken[key_id(hub.keys.request.public)] = hub.origin
    for unit in registry:
        # A restored hub may know of a unit and have no document of it until it is enrolled again.
        if unit.origin != new.origin and stored_roots(root_files(hub.home, unit.origin)):
            keys = current_root(hub.home, unit.origin, unit.root1).request
            taken.update({key_id(public): unit.origin for public in keys})
    for public in new.request:
        if (owner := taken.get(key_id(public))) is not None:
            raise Refused("enrol.key", where=new.origin, found=owner)


def publish_registration(hub: Hub, *, now: int) -> bool:
    """Say the `reg` in `fed` at once if a publish is allowed now; else the next round does."""
    with FedRound(hub) as fed:
        return fed.wait(now) == 0 and "reg" in fed.publish(now).words
