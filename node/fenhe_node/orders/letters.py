"""What is mailed to whom about an order. Pure.

A letter to an applicant holds nothing that a stranger typed: whoever fills in somebody else's
address can make the unit send its own fixed words there, and no words of his.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from fenhe_node.orders.states import State
from fenhe_node.store.orders import StoredOrder


@dataclass(frozen=True, slots=True)
class Letter:
    """One letter."""

    to: str
    subject: str
    body: str


@dataclass(frozen=True, slots=True)
class Sender:
    """The unit as its letters name it; `address` is its public address without a slash."""

    unit: str
    address: str
    notify: str = ""


_NEWS: Mapping[State, str] = {
    State.RECEIVED: "我们已收到您的服务申请。",
    State.ASKED: "办理您的服务申请还需要您补充情况。",
    State.ACCEPTED: "您的服务申请已受理。",
    State.SCHEDULED: "您的服务申请已排期。",
    State.DONE: "您申请的服务已完成。请打开下面的链接评价。",
    State.DECLINED: "很抱歉，您的服务申请未能受理。",
    State.WITHDRAWN: "您的服务申请已撤回。",
}


def private_link(sender: Sender, order: StoredOrder) -> str:
    """Where the applicant, and nobody else, follows the order."""
    return f"{sender.address}/order/{order.token}"


def to_applicant(
    sender: Sender, order: StoredOrder, instrument: str, *, said: str = "", when: str = ""
) -> Letter | None:
    """Tell the news of an order; `said` are words of the unit. None where no mail is known."""
    to = str(order.wish.get("mail", ""))
    if not to:
        return None
    state = State(order.state)
    lines = [
        *("您好：", "", _NEWS[state]),
        *([f"时间：{when}"] if when else []),
        *(["", said] if said else []),
        *("", f"仪器设备：{instrument}", f"申请编号：{order.reference}"),
        *("查看、补充、撤回或评价：", private_link(sender, order)),
        *("", "这个链接只属于您，请勿转发。如果您没有提交过申请，请忽略本邮件。"),
        *("", sender.unit, sender.address + "/"),
    ]
    return Letter(to, f"服务申请 {order.reference}：{state.label}", "\n".join(lines))


def to_unit(sender: Sender, order: StoredOrder, instrument: str, what: str) -> Letter | None:
    """Tell the unit that something waits for it, without saying who it is."""
    if not sender.notify:
        return None
    lines = [
        f"服务申请 {order.reference}：{what}。",
        f"仪器设备：{instrument}（{order.instrument}）",
        *("", "请在管理台“服务申请”中办理。邮件中不含申请人的情况。"),
    ]
    return Letter(sender.notify, f"服务申请 {order.reference}：{what}", "\n".join(lines))
