"""`enrol`: a unit becomes known to the hub, by a fingerprint that a person compared (feed §5)."""

import argparse
import asyncio
import time
from pathlib import Path

from fenhe_client.keys.typed_fingerprint import read_fingerprint
from fenhe_hub.desk.applying import enrol_at, enrol_by_document
from fenhe_hub.desk.enrolling import publish_registration
from fenhe_hub.hub import Hub, open_hub
from fenhe_hub.office.acting import Office
from fenhe_hub.office.staff import THE_HUB
from fenhe_hub.operations.options import Commands, add_command
from fenhe_hub.registry.enrolled import Enrolment, Registry
from fenhe_hub.report import pairs, show
from fenhe_hub.visiting.workshop import system_clock
from fenhe_hub.witnessing.before_signing import refuse_if_behind
from fenhe_protocol.errors import FenheError, SetupError
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
    office = Office(hub, system_clock)
    if options.root_file is not None:
        return enrol_by_document(office, THE_HUB, _read(options.root_file), fingerprint)
    url, private = options.url.rstrip("/"), options.allow_private
    return asyncio.run(enrol_at(office, THE_HUB, url, fingerprint, allow_private=private))


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
