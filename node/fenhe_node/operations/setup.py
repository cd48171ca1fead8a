"""`setup`: a unit's first hour in the terminal, in steps that can be left and taken up again.

What is done and what is next is read from what is there (`fenhe_node.setup.steps`); here is only
the asking. Every answer may be given as an option, and `--no-questions` asks nothing.
"""

import argparse
import asyncio
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from fenhe_client.keys.typed_fingerprint import read_fingerprint
from fenhe_node.operations import setup_lists, setup_sending
from fenhe_node.operations.options import Commands, add_command, now
from fenhe_node.operations.questions import Asker, Left
from fenhe_node.operations.setup_heading import say_heading
from fenhe_node.report import Exit, Report
from fenhe_node.setup.beginning import EVERY_NIGHT, Answers, begin, choose_way, schedule, trust
from fenhe_node.setup.facts import Facts
from fenhe_node.setup.handover import hand_over
from fenhe_node.setup.hub import hub_address, reach_hub
from fenhe_node.setup.looking import look
from fenhe_node.setup.steps import State, Step, next_step, steps
from fenhe_node.unit_code import read_uscc
from fenhe_protocol.errors import FenheError
from fenhe_protocol.terminal import grouped

BROWSER = "fenhe_node.operations.setup_browser"
_MARKS = {State.DONE: "✔", State.NEXT: "▶", State.LATER: "·", State.OPEN: "○"}


def add_commands(commands: Commands) -> None:
    """Add it."""
    command = add_command(commands, "setup", "安装向导 a unit's first hour", run_setup)
    for name, metavar, text in (
        ("--unit-name", "NAME", "单位全称 its full name"),
        ("--uscc", "CODE", "统一社会信用代码 its code"),
        ("--hub", "URL", "省平台网址 the hub's address"),
        ("--origin", "HOST/PREFIX", "名称 a name for ever (<hub host>/u/<uscc>)"),
        ("--public-url", "URL", "外界访问的网址, 没有就推送 where others reach it; else push"),
        ("--hub-fingerprint", "F", "电话核对过的省平台指纹 the hub's, compared by phone"),
        ("--publish-at", "CRON", "定时发布, crontab 五段 when to publish by itself"),
        ("--contact", "TEXT", "省平台联系人和电话, 印在交接单上 whom to call; on the sheet"),
    ):
        command.add_argument(name, default="", metavar=metavar, help=text)
    command.add_argument(
        "--file",
        type=Path,
        action="append",
        default=[],
        metavar="FILE",
        help="要导入的清单, 可重复 a list to import; may be repeated",
    )
    command.add_argument("--publish", action="store_true", help="不问就发布 publish unasked")
    command.add_argument(
        "--wait",
        type=int,
        default=0,
        metavar="SECONDS",
        help="等回执的秒数 how long to wait for the receipt",
    )
    command.add_argument(
        "--sheet", type=Path, metavar="DIR", help="交接单另存到 where else the sheet goes"
    )
    command.add_argument(
        "--browser", action="store_true", help="在浏览器里做 the same in a browser"
    )
    command.add_argument(
        "--port", type=int, default=8642, metavar="PORT", help="浏览器用的端口, 0 随便 its port"
    )
    command.add_argument(
        "--no-questions", action="store_true", help="什么也不问 ask nothing: for scripts"
    )


def run_setup(options: argparse.Namespace) -> Report:
    """Do what can be done, ask for what is missing, say what is left."""
    if options.browser:
        # All of the console comes with it, which the terminal has no need of.
        import_module(BROWSER).serve_wizard(options.home, options.port)
    else:
        _in_the_terminal(options)
    facts = look(options.home, now())
    return Report("\n".join(_lines(facts)), _facts(facts), _exit(facts))


def _in_the_terminal(options: argparse.Namespace) -> None:
    asker = Asker(asks=not (options.no_questions or options.json))
    doings: tuple[Callable[[argparse.Namespace, Asker], None], ...] = (
        _begin,
        _trust,
        setup_lists.take_in,
        setup_sending.send,
        _schedule,
        _hand_over,
    )
    try:
        for do in doings:
            do(options, asker)
    except Left:
        pass


def _begin(options: argparse.Namespace, asker: Asker) -> None:
    facts = look(options.home, now())
    if facts.unit_name:
        return
    say_heading(asker, "unit", options.home)
    uscc = _until_right(asker, options.uscc, "统一社会信用代码 its code", read_uscc)
    name = options.unit_name or asker.ask("单位全称, 与登记证书一致 its full name")
    hub = _until_right(asker, options.hub, "省平台网址 the hub's address", _reached(asker))
    url = options.public_url
    if asker.asks and not url:
        url = asker.ask("外界访问本单位的网址, 没有就直接回车 an address of its own, or nothing")
    answers = Answers(name, uscc, hub, options.origin, url)
    asyncio.run(begin(options.home, answers, now))
    say_heading(asker, "keys", options.home)
    mark = look(options.home, now()).fingerprint
    asker.say(f"节点已建好, 密钥已生成. 指纹 fingerprint:\n  {grouped(mark)}")
    if error := asyncio.run(choose_way(options.home, now)):
        asker.say(f"从外面还打不开 {url}, 先推送; not reachable yet, all is pushed\n  {error}")


def _reached(asker: Asker) -> Callable[[str], str]:
    def check(typed: str) -> str:
        seen = asyncio.run(reach_hub(hub_address(typed)))
        asker.say(f"通了: {seen.origin}; it answers")
        return seen.url

    return check


def _until_right(asker: Asker, given: str, question: str, check: Callable[[str], str]) -> str:
    """The answer, once it passes; where nobody is asked, what is wrong with it is raised."""
    while True:
        try:
            return check(given or asker.ask(question))
        except FenheError as error:
            if not asker.asks:
                raise
            asker.say(str(error))
            given = ""


def _trust(options: argparse.Namespace, asker: Asker) -> None:
    facts = look(options.home, now())
    if facts.hub:
        return
    say_heading(asker, "hub", options.home)
    mark = (
        read_fingerprint(options.hub_fingerprint, where="--hub-fingerprint")
        if options.hub_fingerprint
        else ""
    )
    if not mark:
        seen = asyncio.run(reach_hub(facts.hub_url))
        mark = _compared(asker, seen.origin, seen.fingerprint)
    found = asyncio.run(trust(options.home, facts.hub_url, mark, now))
    asker.say(f"已信任 trusted: {found.document.origin}")
    say_heading(asker, "way", options.home)
    (way,) = (each for each in steps(look(options.home, now())) if each.name == "way")
    asker.say("\n".join(f"{text.zh}; {text.en}" for text in way.said))


def _compared(asker: Asker, origin: str, mark: str) -> str:
    asker.say(
        f"给省平台打电话, 请对方念 {origin} 的指纹, 与下面的逐组对照; 这一步不能省\n"
        f"  {grouped(mark)}\n"
        "call the hub and compare each group"
    )
    heard = asker.ask("十六组全都一样, 就输入对方念的最后一组 the last group that you heard")
    if "".join(heard.lower().split()) != mark[-4:]:
        asker.say("没有信任: 不一样, 就不是同一个省平台; not trusted, as they differ")
        raise Left
    return mark


def _schedule(options: argparse.Namespace, asker: Asker) -> None:
    facts = look(options.home, now())
    if facts.publish_at and not options.publish_at:
        return
    if not options.publish_at:
        if not asker.asks:
            return
        say_heading(asker, "schedule", options.home)
    at = options.publish_at or asker.ask(
        "每天什么时候发布 (分 时 日 月 周; 填 no 则只手动) when to publish", EVERY_NIGHT
    )
    if at != "no":
        schedule(options.home, at)


def _hand_over(options: argparse.Namespace, asker: Asker) -> None:
    contact = options.contact
    if asker.asks and not contact:
        say_heading(asker, "sheet", options.home)
        contact = asker.ask("省平台的联系人和电话, 印在交接单上, 可不填 whom to call, or nothing")
    hand_over(options.home, now(), contact, folder=options.sheet)


def _lines(facts: Facts) -> list[str]:
    lines = []
    for number, step in enumerate(steps(facts), start=1):
        lines.append(f"{_MARKS[step.state]} {number} {step.title.zh} {step.title.en}")
        lines += [f"    {said.zh}" for said in step.said]
        if step.state is not State.LATER:
            lines += [f"    → {missing.zh}; {missing.en}" for missing in step.missing]
    if after := next_step(facts):
        lines.append(f"下一步 next: {after.title.zh}; 再运行 setup 就从这里接着做, run setup again")
    else:
        lines.append("全部完成, 回执在手; all is done, and the hub has certified it")
    return lines


def _exit(facts: Facts) -> Exit:
    return Exit.IN_PART if next_step(facts) else Exit.DONE


def _facts(facts: Facts) -> Mapping[str, Any]:
    return {
        "steps": {step.name: _step_facts(step) for step in steps(facts)},
        "fingerprint": facts.fingerprint,
        "origin": facts.origin,
        "hub": facts.hub,
        "records": facts.records,
        "refused": facts.refused,
        "published": facts.published,
        "receipts": facts.received,
        "sheet": facts.sheet,
    }


def _step_facts(step: Step) -> Mapping[str, Any]:
    return {"state": step.state.value, "missing": [text.zh for text in step.missing]}
