"""The steps of the demonstration, each through the real commands."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from deploy.demo.programs import DemoError, configure, one_line, read, wait_until_up
from deploy.demo.samples import (
    SAMPLES,
    UNITS,
    DemoUnit,
    fee_list,
    institute_list,
    last_quarter,
    unit_sheet,
    use_list,
)
from deploy.demo.screen import bar, padded, say
from deploy.demo.stage import Figures, Stage, UnitFigures
from fenhe_protocol.origin import origin_hash

SHOWN_PROBLEMS = 4
DONE_IN_PART = (0, 4)
REFUSED = (0, 3, 4)
CHINA = timezone(timedelta(hours=8))


def import_lists(stage: Stage) -> None:
    """Make three nodes and let each take in its list; show what was sent back."""
    for unit in UNITS:
        # Who only pushes has no address of its own; one is named, and nobody answers there.
        address = () if unit.only_pushes else ("--public-url", stage.url(unit.folder))
        stage.node(
            unit,
            *("init", "--unit-name", unit.name, "--uscc", unit.uscc),
            *("--origin", stage.origin(unit), *address),
        )
        listen = {"listen": '""'} if unit.only_pushes else {}
        configure(stage.folder / unit.folder, {"push": unit.push, **listen})
        stage.node(unit, "import", str(_file(stage, unit)), allowed=REFUSED)
        about = stage.folder / f"{unit.name}.csv"
        about.write_bytes(unit_sheet(unit))
        stage.node(unit, "import", str(about), "--kind", "unit")
        _show_check(stage, unit)
    _import_usage(stage, UNITS[0])


def _import_usage(stage: Stage, unit: DemoUnit) -> None:
    """Take in price lines and a quarter of use, and let the node sum the quarter up."""
    quarter = last_quarter(_today())
    fees, uses = stage.folder / "收费标准.csv", stage.folder / "服务记录.csv"
    fees.write_bytes(fee_list())
    uses.write_bytes(use_list(quarter))
    taken = stage.node(unit, "import", str(fees), "--kind", "fee_standard")["staged"]
    used = stage.node(unit, "import", str(uses), "--kind", "service_record")["staged"]
    stage.node(unit, "summarise", quarter.name)
    say(f"  {padded(unit.name, 12)}收费标准 {taken} 行, 服务记录 {used} 条, 汇总 {quarter.name}")


def _today() -> date:
    return datetime.now(UTC).astimezone(CHINA).date()


def _file(stage: Stage, unit: DemoUnit) -> Path:
    if unit.folder != "institute":
        return SAMPLES / unit.file
    path = stage.folder / unit.file
    path.write_bytes(institute_list(_today()))
    return path


def _show_check(stage: Stage, unit: DemoUnit) -> None:
    checked = stage.node(unit, "check", "--annotate", str(stage.folder), allowed=REFUSED)
    good, refused = checked["publishable"] - 1, checked["refused"]  # without the unit itself
    stage.rows_refused[unit.folder] = refused
    sent_back = f"  {refused} 退回 refused" if refused else ""
    say(
        f"  {padded(unit.name, 12)}{padded(f'{unit.file} ({unit.note})', 32)}"
        f"{good + refused:>3} 行 {bar(good, good + refused)} {good} 可发布{sent_back}"
    )
    problems = [problem for problem in checked["problems"] if problem["blocking"]]
    for problem in problems[:SHOWN_PROBLEMS]:
        place = f"{problem['file']} · {problem['sheet']} · {problem['column']}{problem['row']}"
        say(f'     {place}  "{problem["found"]}"  {problem["expected_zh"]}')
    if len(problems) > SHOWN_PROBLEMS:
        marked = one_line(next(stage.folder.glob(f"{Path(unit.file).stem}-*.xlsx")))
        say(f"     … 还有 {len(problems) - SHOWN_PROBLEMS} 处 more: {marked}")


def publish(stage: Stage) -> None:
    """Sign and publish, then serve each node."""
    for unit in UNITS:
        published = stage.node(unit, "publish", allowed=DONE_IN_PART)
        stage.published[unit.folder] = sum(published["kinds"].values())
        say(f"  {padded(unit.name, 12)}{stage.published[unit.folder]} 条已签名 signed")
        if unit.only_pushes:
            continue
        home = str(stage.folder / unit.folder)
        listen = stage.url(unit.folder).removeprefix("http://")
        command = ("--home", home, "serve", "--listen", listen, "--console", stage.console(unit))
        stage.programs.serve(unit.folder, "fenhe-node", *command)
    for unit in UNITS:
        if not unit.only_pushes:
            wait_until_up(stage.url(unit.folder))


def found_hub(stage: Stage) -> None:
    """Make the hub; the stand-in for the national platform is there before it."""
    made = stage.hub(
        *("init", "--origin", "hub.example/fenhe", "--public-url", stage.url("hub")),
        *("--uscc", "12140000000000027P"),
    )
    stage.hub_fingerprint = made["fingerprint"]
    listen = stage.url("receiver").removeprefix("http://")
    stage.programs.serve("receiver", "deploy.nrii_receiver", "--listen", listen)
    wait_until_up(f"{stage.url('receiver')}/received")
    # Here no authority reviews before the upload, and the hub says at once what it would gather.
    settings = {"national_wsdl": stage.wsdl, "national_approval": "false"}
    at_once = {"publish_seconds": "0", "advise_seconds": "0"}
    configure(stage.folder / "hub", settings | at_once)


def enrol(stage: Stage) -> None:
    """Serve the hub; hub and units compare fingerprints, each way by a person in real life."""
    listen = stage.url("hub").removeprefix("http://")
    stage.programs.serve(
        *("hub", "fenhe-hub", "--home", str(stage.folder / "hub"), "serve"),
        *("--listen", listen, "--console", f"127.0.0.1:{stage.port('console')}"),
    )
    wait_until_up(stage.url("hub"))
    for unit in UNITS:
        stage.node(unit, "trust", stage.url("hub"), "--fingerprint", stage.hub_fingerprint)
        own = stage.node(unit, "fingerprint")["fingerprint"]
        if unit.only_pushes:
            document = stage.folder / unit.folder / "public" / "root" / "1"
            stage.hub("enrol", "--root-file", str(document), "--fingerprint", own)
        else:
            stage.hub("enrol", stage.url(unit.folder), "--fingerprint", own, "--allow-private")


def _push(stage: Stage, unit: DemoUnit) -> None:
    """Let the unit that nobody can reach send all that it signed, and take its receipt home."""
    for each in stage.node(unit, "publish", allowed=DONE_IN_PART)["pushed"]:
        if each["receipt"] is None:
            raise DemoError(f"{unit.name} has no receipt: {each}")
        if each["log"] == "catalogue":
            where = "网络命名空间内, 没有入口 in a namespace" if stage.way else "不监听 no listener"
            say(
                f"  {padded(unit.name, 12)}推送 pushed ({where}): 条目 {each['entries']},"
                f" 正文 {each['bodies']}, 回执 receipt {each['receipt']}"
            )


def sync(stage: Stage) -> None:
    """Visit all logs until everything published is verified and cosigned; show it."""
    stage.hub("sync", "--once", allowed=DONE_IN_PART)
    for unit in UNITS:
        if unit.only_pushes:
            _push(stage, unit)
    logs = stage.hub("status")["logs"]
    for unit in UNITS:
        log = _catalogue(logs, stage, unit)
        receipt = "✔ 回执 receipt" if log["cosigned"] == log["size"] else "待回执 no receipt yet"
        say(f"  {padded(unit.name, 12)}第 0 → {log['size']} 条已验证 verified  {receipt}")


def _catalogue(logs: list[dict[str, Any]], stage: Stage, unit: DemoUnit) -> dict[str, Any]:
    for log in logs:
        if log["unit"] == stage.origin(unit) and log["log"] == "catalogue":
            return log
    raise DemoError(f"the hub does not know {unit.name}")


def forge(stage: Stage) -> None:
    """Change one published byte, let the unit grow, and see that the hub takes none of it."""
    unit = UNITS[2]
    _edit_one_record(stage, unit)
    file = stage.folder / unit.folder / "public/catalogue/tile/entries"
    bundle = max(file.rglob("000.p/*"), key=lambda path: int(path.name))
    good = bundle.read_bytes()
    bundle.write_bytes(good[:20] + bytes([good[20] ^ 1]) + good[21:])
    before = _catalogue(stage.hub("status")["logs"], stage, unit)["size"]
    stage.hub("sync", "--once", allowed=DONE_IN_PART)
    refused = _catalogue(stage.hub("status")["logs"], stage, unit)
    if refused["code"] == "" or refused["size"] != before:
        raise DemoError(f"a forged byte went through: {refused}")
    shown = json.loads(read(f"{stage.url('hub')}/api/v1/units/{unit.uscc}"))
    say(f"  拒绝 refused: {refused['code']} · {unit.name} 第 {before} 条以后 after leaf {before}")
    state = shown["unit"]["source"]["state"]
    say(f"  上一份完好数据照常展示 still served: {before} 条 · 状态 {state}")
    bundle.write_bytes(good)
    stage.hub("sync", "--once", allowed=DONE_IN_PART)
    after = _catalogue(stage.hub("status")["logs"], stage, unit)
    if after["size"] <= before:
        raise DemoError(f"the honest bytes were not taken: {after}")
    say(f"  字节改回, 重新验证 put back and verified: {before} → {after['size']}")


def _edit_one_record(stage: Stage, unit: DemoUnit) -> None:
    """Let the company say more of itself, so that there is something new to visit."""
    about = stage.folder / f"{unit.name}.csv"
    about.write_bytes(unit_sheet(unit) + "单位网址,https://company.example\r\n".encode())
    stage.node(unit, "import", str(about), "--kind", "unit")
    published = stage.node(unit, "publish", allowed=DONE_IN_PART)
    stage.published[unit.folder] += sum(published["kinds"].values())


def check(stage: Stage) -> None:
    """Lay the disclosure rules over what the hub holds."""
    words = {"overdue": "逾期", "due": "将到期", "provisional": "暂定", "unknown": "无法判断",
             "met": "已满足", "not_applicable": "不适用"}  # fmt: skip
    for rule, counts in stage.hub("check")["findings"].items():
        shown = " · ".join(f"{word} {counts[s]}" for s, word in words.items() if counts.get(s))
        say(f"  {padded(rule, 6)}{shown}")


def forward(stage: Stage) -> None:
    """Deliver what is in national scope; the stand-in checks it by the norm."""
    answer = stage.hub("forward", allowed=DONE_IN_PART)
    for group in answer["groups"]:
        lacking = "; ".join(f"{reason} ×{count}" for reason, count in group["lacking"][:3])
        tail = f" ({group['code']}: {lacking})" if lacking else f" ({group['code']})"
        say(f"  {group['count']:>3} {group['state']}{tail}")


def figures(stage: Stage) -> Figures:
    """Count per unit: at the node, in the hub's index, and at the receiving server."""
    verified = _verified(stage)
    received = stage.received()
    return Figures(tuple(_figures(stage, unit, verified, received) for unit in UNITS))


def _verified(stage: Stage) -> Counter[str]:
    """Count the records of each unit that stand in the hub's index, by the unit's origin."""
    rows = stage.programs.lines("fenhe-hub", "--home", str(stage.folder / "hub"), "dump")
    origins = {
        row["log_no"]: row["origin"].rpartition("/")[0] for row in rows if row["table"] == "log"
    }
    leaves = {(row["log_no"], row["idx"]) for row in rows if row["table"] == "body"}
    return Counter(origins[log_no] for log_no, _ in leaves)


def _figures(
    stage: Stage, unit: DemoUnit, verified: Counter[str], received: list[dict[str, Any]]
) -> UnitFigures:
    shown = json.loads(read(f"{stage.url('hub')}/api/v1/units/{unit.uscc}"))["findings"]
    acting = sum(shown.get(state, 0) for state in ("due", "overdue", "provisional"))
    arrived = [record for record in received if record["insCode"] == unit.ins_code]
    services = sum(1 for record in arrived if "recordInnerId" in record)
    return UnitFigures(
        name=unit.name,
        published=stage.published[unit.folder],
        verified=verified[stage.origin(unit)],
        refused=stage.rows_refused[unit.folder],
        findings=acting,
        forwarded=len(arrived) - services,
        services=services,
    )


def verify_all(stage: Stage) -> None:
    """Verify every log of every unit and the hub's own, from the addresses, by `fenhe verify`."""
    for unit in UNITS:
        keys = stage.node(unit, "fingerprint")["keys"]
        for origin, key in keys.items():
            log = origin.rpartition("/")[2]
            home = stage.folder / unit.folder
            place = str(home / "held/usage") if log == "usage" else _shown(stage, unit, origin)
            _verify(stage, origin, place, key)
    for origin, key in stage.hub("fingerprint")["keys"].items():
        _verify(stage, origin, f"{stage.url('hub')}/fed", key)


def _shown(stage: Stage, unit: DemoUnit, origin: str) -> str:
    """Where the catalogue is to be read: at the unit, or at the mirror if nobody answers there."""
    if unit.only_pushes:
        return f"{stage.url('hub')}/m/{origin_hash(origin)}"
    return f"{stage.url(unit.folder)}/catalogue"


def _verify(stage: Stage, origin: str, place: str, key: str) -> None:
    verified = stage.programs.answer("fenhe", "verify", place, "--key", key)
    say(f"  ✔ {origin}: {verified['size']} 条 leaves")
