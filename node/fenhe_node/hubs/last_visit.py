"""What a hub says its last visit to one of our logs came to, and what to do about it. Pure.

Start at `read_visit` and `LastVisit.trouble`. It is the hub's word, told to this unit alone in the
answer to `rejected`; nothing but advice follows from it.
"""

from dataclasses import dataclass
from typing import Any

from fenhe_node.pages.site import clock
from fenhe_protocol.encoding import parse_time
from fenhe_protocol.error_texts import TEXTS

_ENDED = {
    "older": "给的是旧的 an old copy was served",
    "defer": "没取到 not to be had",
    "refuse": "未通过验证 refused",
    "quarantine": "已隔离 quarantined",
}
_AT_THE_HUB = "是省平台自己的问题, 不用做什么; the hub's own trouble, nothing to do here"
_FILES = (
    "公开的文件与所签的不符: 不要手工改, 从备份拷回位置所指的文件; 省平台会自己再来."
    " A file is not the one that was signed: put it back from a backup, the hub comes again"
)
_KEYS = (
    "核对根文档和密钥, 打电话给省平台;"
    " look at the root documents and keys, and call the hub's operator"
)
_FORKED = (
    "停止发布, 打电话给省平台: 隔离只能由人解除;"
    " stop publishing and call the hub: only its operator can lift this"
)
_WAY = (
    "从外网打开本单位网址, 看网络、证书和反向代理;"
    " open this unit's address from outside; look at network, certificate and proxy"
)
_CACHE = "清除反向代理的缓存; clear the caches in front of this node"
_CLOCK = "打开 NTP, 核对时钟; set the clock by NTP"

# What to do by the beginning of the code; the first that fits.
_BY_CODE = (
    ("fetch.", _WAY),
    ("visit.broke", _AT_THE_HUB),
    ("visit.", "省平台会接着读; the hub goes on with its next visit"),
    (("checkpoint.unsigned", "root.", "key."), _KEYS),
    (("log.fork", "log.quarantined", "log.ended"), _FORKED),
    (("log.", "tile.", "tree.", "bundle.", "body.", "checkpoint.", "note."), _FILES),
)


@dataclass(frozen=True)
class LastVisit:
    """One visit; times are POSIX seconds. `seen_at`: when the hub last read a head of ours."""

    at: int
    outcome: str
    code: str
    place: str
    expected: str
    found: str
    remark: str
    seen_at: int | None
    advice: str

    @property
    def is_arrest(self) -> bool:
        """Whether the hub takes nothing more of this log until its operator acts."""
        return self.outcome == "quarantine"

    def trouble(self, offset: int) -> list[str]:
        """What went wrong and what to do, in lines; none after a good visit."""
        if not self.advice:
            return []
        text = TEXTS.get(self.code)
        sides = (("位置 at", self.place), ("应为 expected", self.expected))
        details = [f"{label}: {it}" for label, it in (*sides, ("实为 found", self.found)) if it]
        parts = (
            _ENDED.get(self.outcome, self.outcome),
            clock(self.at, offset),
            self.code,
            f"{text.zh} / {text.en}" if text else "",
            f"({'; '.join(details)})" if details else "",
            self.remark,
        )
        return ["  ".join(filter(None, parts)), f"  怎么办 what to do: {self.advice}"]


def read_visit(told: Any) -> LastVisit | None:
    """Read the member `visit`; None where the hub has not come yet or does not tell.

    Raises ValueError, KeyError or TypeError where it is not of the form.
    """
    if told is None:
        return None
    texts = {
        name: one_line(told[name]) for name in ("code", "place", "expected", "found", "remark")
    }
    seen_at = None if told["seen_at"] is None else parse_time(told["seen_at"])
    outcome = one_line(told["outcome"])
    advice = _advice(outcome, texts["code"], texts["remark"])
    return LastVisit(
        at=parse_time(told["at"]), outcome=outcome, seen_at=seen_at, advice=advice, **texts
    )


def one_line(told: Any) -> str:
    """What a hub told as it may be shown."""
    # A hub is a stranger too: none of its control characters reaches the terminal.
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in str(told))


def _advice(outcome: str, code: str, remark: str) -> str:
    if outcome == "older":
        return _CACHE
    if code:
        return next((text for begins, text in _BY_CODE if code.startswith(begins)), _AT_THE_HUB)
    return _CLOCK if remark.startswith("heartbeat-") else ""
