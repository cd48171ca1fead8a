"""The handover sheet: one A4 page for whoever looks after the node next, without a secret. Pure.

Start at `compose`; `as_text` and the template `setup/handover.html` show the same sections.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from fenhe_node.setup.facts import Facts
from fenhe_protocol.terminal import grouped, padded

BLANK = "________________"
PACKAGED = "/var/lib/fenhe/node"  # where the installed command looks by itself
CONTACT = "联系人、电话"
TITLE = "汾河节点交接单"


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with labelled lines; a line without a label is a sentence."""

    title: str
    lines: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Place:
    """Where the node lies on this machine; `console` is empty where none is opened."""

    home: str
    machine: str
    account: str
    console: str = ""


def compose(facts: Facts, place: Place, contact: str = "") -> tuple[Section, ...]:
    """The sections; `contact` is whom to call at the hub, a line to fill in where empty."""
    return (
        Section("单位", tuple(_unit(facts))),
        Section("省平台", tuple(_hub(facts, contact))),
        Section("放在哪里", tuple(_where(place))),
        Section("平时", tuple(_duties(facts, place))),
        Section("管密钥的人要走", tuple(_leaving())),
        Section("出了问题", tuple(_trouble())),
    )


def as_text(sections: Sequence[Section], day: str) -> str:
    """The sheet for a terminal or a plain printer."""
    lines = [f"{TITLE}   {day}", ""]
    for section in sections:
        lines.append(f"【{section.title}】")
        lines += [f"  {padded(label, 14)}{said}".rstrip() for label, said in section.lines]
        lines.append("")
    lines += [f"交出人 {BLANK}   接手人 {BLANK}   日期 {BLANK}", ""]
    return "\n".join(lines)


def contact_on(text: str) -> str:
    """Whom a sheet of before names as the one to call; "" where that is a line to fill in."""
    found = re.search(rf"^  {CONTACT}\s+(\S.*)$", text, re.MULTILINE)
    return found[1] if found and not found[1].startswith(BLANK) else ""


def _unit(facts: Facts) -> Iterator[tuple[str, str]]:
    yield "名称", facts.unit_name
    yield "代码", facts.uscc
    yield "数据源", f"{facts.origin} (永远不变)"
    yield "怎么送达", f"省平台来取 {facts.url}" if facts.listens else "由本机推送, 不开端口"
    yield "本单位指纹", grouped(facts.fingerprint)


def _hub(facts: Facts, contact: str) -> Iterator[tuple[str, str]]:
    yield "网址", facts.hub_url or BLANK
    yield "名称", facts.hub or "尚未信任"
    yield "它的指纹", grouped(facts.hub_fingerprint) if facts.hub_fingerprint else BLANK
    yield CONTACT, contact or f"{BLANK}{BLANK}"


def _where(place: Place) -> Iterator[tuple[str, str]]:
    yield "服务器", f"{place.machine}, 账号 {place.account}"
    yield "节点目录", place.home
    yield "私钥", f"{place.home}/keys (谁拿到它, 谁就能以本单位名义发布)"
    yield "配置", f"{place.home}/config.yaml"
    if place.console:
        yield "管理台", f"{place.console} (在服务器上打开)"
    yield "备份放在", f"{BLANK}{BLANK} (用 fenhe-node backup; 密钥另放一处)"
    yield "绝不备份", "head.sqlite: 拷回旧的, 省平台会当作造假。也不用虚拟机快照回滚"


def _duties(facts: Facts, place: Place) -> Iterator[tuple[str, str]]:
    if place.home != PACKAGED:
        yield "命令怎么写", f"fenhe-node 后面先加 --home {place.home}, 用账号 {place.account} 运行"
    at = facts.publish_at or "尚未定时, 手工发布"
    yield "自动发布", f"{at} (crontab 写法)"
    yield "清单有变化", "改 Excel, fenhe-node import 清单文件, 再 fenhe-node publish"
    yield "每周看一眼", "fenhe-node status: 两行都有 ✔ 就是送到了, 没有告警"
    yield "每个季度", "导入服务记录, fenhe-node summarise 2026-Q4 (换成当季), 再 publish"
    yield "新购仪器", "验收后 30 个工作日内发布, 以回执日期为准"
    yield "仪器没了", "fenhe-node delete 编号 --reason scrapped, 再 publish"


def _leaving() -> Iterator[tuple[str, str]]:
    yield (
        "1",
        "fenhe-node rotate-key log, 再 rotate-key request; 根密钥也在本机的, 再 rotate-key root",
    )
    yield "2", "换登录口令、收回服务器账号和 U 盘; 备份 keys; 告诉省平台换了联系人"
    yield "3", "根密钥在别处的: 按手册“密钥丢了、被盗、要更换”一章, 两人签字换下他那一把"


def _trouble() -> Iterator[tuple[str, str]]:
    yield "先看", "fenhe-node doctor: 一行一项, 写着怎么办; 再看 fenhe-node status"
    yield "head.lost", "不要删文件; 停服务, fenhe-node restore"
    yield "密钥被盗", "马上打电话给省平台, 同时 rotate-key log --stolen"
