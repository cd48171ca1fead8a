"""`requests`: service requests in a terminal, with the same verbs as on the console."""

import argparse
from collections.abc import Iterator
from typing import Any

from fenhe_node.node import Node, open_node
from fenhe_node.operations.options import Commands, add_command, now, who
from fenhe_node.orders.desk import Desk
from fenhe_node.orders.said_by_unit import read_done, read_time, read_words
from fenhe_node.orders.states import CLOSED, State
from fenhe_node.pages.site import clock
from fenhe_node.report import Report
from fenhe_node.store import Store, mails, orders
from fenhe_node.store.orders import StoredOrder
from fenhe_protocol.terminal import table

TIME = "2026-11-23T09:30"
_DETAILS = ("minutes", "yuan", "samples", "way", "fee_line")


def add_commands(commands: Commands) -> None:
    """Add it."""
    command = add_command(commands, "requests", "服务申请 service requests", run_requests)
    command.add_argument("number", nargs="?", type=int, metavar="NUMBER", help="序号 one of them")
    command.add_argument("--closed", action="store_true", help="已了结的 those that are closed")
    command.add_argument("--say", default="", metavar="TEXT", help="给申请人的话 to the applicant")
    act = command.add_mutually_exclusive_group()
    act.add_argument("--accept", action="store_true", help="受理 it will be done")
    act.add_argument("--ask", action="store_true", help="请补充, 用 --say 写明 ask back by --say")
    act.add_argument(
        "--decline", action="store_true", help="不受理, 用 --say 写明 say why by --say"
    )
    span = (TIME, TIME)
    act.add_argument("--schedule", nargs=2, metavar=span, help="排期 set a time")
    act.add_argument(
        "--finish", nargs=2, metavar=span, help="完成, 登记服务记录 it was done from, to"
    )
    command.add_argument("--minutes", default="", help="有效机时, 分钟 effective minutes")
    command.add_argument("--yuan", default="", help="收费, 元 what was charged")
    command.add_argument("--samples", default="", help="样品数 samples")
    command.add_argument("--way", default="", help="服务方式 1-4 way of service")
    command.add_argument("--fee-line", default="", help="价格项, 如 F-1/1 price line")


def run_requests(options: argparse.Namespace) -> Report:
    """List them, show one, or do what is said with it."""
    node = open_node(options.home)
    with Store.open(node.home.store) as store:
        if options.number is None:
            return _list(store, node, closed=options.closed)
        desk = Desk.of(store, node.config, now())
        order = _act(desk, options, node)
        lines = [*_one(order), *_history(store, order, desk.offset_minutes)]
        return Report("\n".join(lines), _facts(order))


def _list(store: Store, node: Node, *, closed: bool) -> Report:
    states = sorted(state for state in State if (state in CLOSED) == closed)
    found = orders.listed(store, states)
    offset = node.config.utc_offset_minutes
    rows = [["序号 no.", "编号", "状态 state", "仪器 instrument", "收到 received"]]
    for order in found:
        shown = (State(order.state).label, order.instrument, clock(order.made_at, offset))
        rows.append([str(order.number), order.reference, *shown])
    trouble = [f"邮件未发出 not mailed: {m.to_address}  {m.trouble}" for m in mails.troubled(store)]
    text = table(rows) if found else "没有 none"
    facts = {"requests": [_facts(order) for order in found], "mail_trouble": trouble}
    return Report("\n".join([text, *trouble]), facts)


def _act(desk: Desk, options: argparse.Namespace, node: Node) -> StoredOrder:
    number, by, text = options.number, who(), read_words(options.say)
    begin, end = options.schedule or options.finish or ("", "")
    form = {name: getattr(options, name) for name in _DETAILS} | {"begin": begin, "end": end}
    offset = desk.offset_minutes
    if options.accept:
        return desk.accept(number, by, text)
    if options.ask:
        return desk.ask_back(number, by, text)
    if options.decline:
        return desk.decline(number, by, text)
    if options.schedule:
        begins_at, ends_at = read_time(form, "begin", offset), read_time(form, "end", offset)
        return desk.schedule(number, by, begins_at, ends_at, text)
    if options.finish:
        return desk.finish(number, by, read_done(form, offset), node.config.uscc)
    return desk.of_number(number)


def _one(order: StoredOrder) -> Iterator[str]:
    wish = order.wish
    yield f"{order.reference}  {State(order.state).label}  {order.instrument}"
    yield f"  {wish['content']}"
    who_asks = (wish["applicant"], wish["applicant_unit"], wish["mail"], wish["phone"])
    yield "  " + "  ".join(each for each in who_asks if each)
    if order.record:
        yield f"  服务记录 service record {order.record}"


def _history(store: Store, order: StoredOrder, offset: int) -> Iterator[str]:
    for said in orders.history(store, order.number):
        by = said.by or "申请人 applicant"
        yield f"  {clock(said.at, offset)}  {by}  {State(said.state).label}  {said.text}"


def _facts(order: StoredOrder) -> dict[str, Any]:
    return {name: value for name, value in vars(order).items() if name != "token"}
