"""What each step of the first hour is called, what it says of itself and what it lacks. Pure.

Start at `WORDS`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from fenhe_node.setup.facts import Facts
from fenhe_protocol.error_texts.text import Text
from fenhe_protocol.terminal import grouped

Texts = Sequence[Text]


@dataclass(frozen=True, slots=True)
class Words:
    """Of one step: its title, what is there, and what is missing with what to do about it."""

    title: Text
    said: Callable[[Facts], Texts]
    missing: Callable[[Facts], Texts]


def _unit(facts: Facts) -> Texts:
    return [
        Text(f"{facts.unit_name} {facts.uscc}", "the unit"),
        Text(f"名称 {facts.origin}", "its name for ever"),
    ]


def _no_unit(facts: Facts) -> Texts:
    if facts.unit_name:
        return []
    return [
        Text(
            "要填: 统一社会信用代码、单位全称、省平台网址",
            "needed: its code, its full name, the hub's address",
        )
    ]


def _keys(facts: Facts) -> Texts:
    return [Text(f"指纹 {grouped(facts.fingerprint)}", "the fingerprint, to be read aloud")]


def _hub(facts: Facts) -> Texts:
    if not facts.hub:
        return [Text(f"省平台网址 {facts.hub_url}", "its address")] if facts.hub_url else []
    return [
        Text(f"已信任 {facts.hub}", "trusted"),
        Text(f"它的指纹 {grouped(facts.hub_fingerprint)}", "its fingerprint"),
    ]


def _no_hub(facts: Facts) -> Texts:
    if facts.hub:
        return []
    return [
        Text(
            "给省平台打电话: 请对方念它的指纹, 与屏幕上的逐组对照",
            "call the hub: have its fingerprint read to you, and compare each group",
        )
    ]


def _way(facts: Facts) -> Texts:
    if facts.listens:
        return [Text(f"省平台来取: {facts.url}", "the hub comes to this address")]
    return [Text("由本机推送, 不开任何端口", "all is pushed, no port is opened")]


def _unreached(facts: Facts) -> Texts:
    if facts.listens or not facts.has_address:
        return []
    return [
        Text(
            f"还打不开 {facts.url}: 先推送, 通了再试",
            "its address does not answer yet: all is pushed until it does",
        )
    ]


def _lists(facts: Facts) -> Texts:
    return [Text(f"来源 {facts.rows} 行, 记录 {facts.records} 条", "rows, and records of them")]


def _unlisted(facts: Facts) -> Texts:
    if not facts.records:
        return [
            Text(
                "导入仪器清单: 国家平台的模板 (equipment、device、center.xls), 或 .xlsx、CSV",
                "import the list: a national template as it is, or .xlsx, CSV",
            )
        ]
    if not facts.refused:
        return []
    return [
        Text(
            f"退回 {facts.refused} 行: 照“-标注.xlsx”里的批注改, 改好再导入一次",
            "rows were refused: mend them by the marked workbook and import it again",
        )
    ]


def _published(facts: Facts) -> Texts:
    return (
        [Text(f"已发布 {facts.published} 条", "records are published")] if facts.published else []
    )


def _unpublished(facts: Facts) -> Texts:
    if not facts.published:
        return [Text("先看预览, 再签名发布", "look at the preview, then sign and publish")]
    if not facts.pending:
        return []
    return [Text(f"{facts.pending} 条有变化, 待发布", "records changed since")]


def _received(facts: Facts) -> Texts:
    total = facts.received + facts.waiting
    return [Text(f"回执 {facts.received}/{total} 条", "records with a receipt")] if total else []


def _unreceived(facts: Facts) -> Texts:
    alarms = [Text(alarm, "an alarm") for alarm in facts.alarms]
    if facts.has_receipts:
        return alarms
    if facts.listens:
        hand_over = Text(
            f"请省平台登记本单位: 报网址 {facts.url}, 电话里念指纹",
            "ask the hub to enrol this unit: give it the address, and read out the fingerprint",
        )
    else:
        hand_over = Text(
            "请省平台登记本单位: 交去 public/root/1 这个文件 (没有秘密), 电话里念指纹",
            "ask the hub to enrol this unit: hand over public/root/1, and read out the fingerprint",
        )
    return [hand_over, *alarms]


def _scheduled(facts: Facts) -> Texts:
    return [Text(f"定时发布 {facts.publish_at}", "publishes at")] if facts.publish_at else []


def _unscheduled(facts: Facts) -> Texts:
    if not facts.publish_at:
        return [Text("定一个每天自动发布的时间", "set the time of the daily publish")]
    if facts.served:
        return []
    return [
        Text(
            "服务没有运行: sudo systemctl enable --now fenhe-node",
            "the service does not run: start it",
        )
    ]


def _sheet(facts: Facts) -> Texts:
    return [Text(f"交接单 {facts.sheet}", "it prints on one page")] if facts.sheet else []


def _no_sheet(facts: Facts) -> Texts:
    if facts.sheet:
        return []
    return [Text("打印一张交接单, 交给以后管它的人", "print the sheet for whoever comes after you")]


def _nothing(facts: Facts) -> Texts:
    return []


WORDS: Mapping[str, Words] = {
    "unit": Words(Text("单位和省平台网址", "the unit, and the hub's address"), _unit, _no_unit),
    "keys": Words(Text("密钥和指纹", "keys, and their fingerprint"), _keys, _nothing),
    "hub": Words(
        Text("打电话核对, 信任省平台", "compare by telephone, and trust the hub"), _hub, _no_hub
    ),
    "way": Words(Text("怎么送到省平台", "how all gets to the hub"), _way, _unreached),
    "lists": Words(Text("导入仪器清单", "import the list of instruments"), _lists, _unlisted),
    "publish": Words(Text("预览, 签名发布", "preview, sign and publish"), _published, _unpublished),
    "receipt": Words(Text("登记, 等回执", "enrolment, and the receipt"), _received, _unreceived),
    "schedule": Words(Text("定时发布", "the daily publish"), _scheduled, _unscheduled),
    "sheet": Words(Text("交接单", "the handover sheet"), _sheet, _no_sheet),
}
