"""What `fenhe` says to people: Chinese first, English second."""

import json
import sys
import time
from pathlib import Path
from typing import Any

from fenhe_client.reading.prove import Proven
from fenhe_client.reading.verify import Verified
from fenhe_protocol.errors import FenheError, InputError, PublisherError
from fenhe_protocol.terminal import inert, inert_json

DONE, COULD_NOT, REFUSED = 0, 1, 3

_LEAVES = {
    "records": "记录 records",
    "erasures": "抹除 erasures",
    "heartbeats": "心跳 heartbeats",
    "malformed": "格式不合 malformed",
}
_BODIES = {
    "valid": "有效 valid",
    "withheld": "未提供 withheld",
    "erased": "已抹除 erased",
    "erased_but_served": "应抹除仍在 erased but served",
}


def exit_code(error: FenheError) -> int:
    """3 where what a publisher served, or the input, was refused; else 1."""
    return REFUSED if isinstance(error, PublisherError | InputError) else COULD_NOT


def answer(members: dict[str, Any], text: str, *, as_json: bool) -> None:
    """Print the answer of a command: one JSON value, or the text for people."""
    told = json.dumps({"ok": True} | members, ensure_ascii=False, indent=1) if as_json else text
    print(inert_json(told) if as_json else inert(told))


class Progress:
    """Entries read, on standard error: a line that renews itself, or a line now and then."""

    def __init__(self, *, quiet: bool) -> None:
        self._terminal = sys.stderr.isatty()
        self._pause = 0.2 if self._terminal else 5.0
        self._quiet = quiet
        self._next = time.monotonic() + self._pause
        self._shown = False

    def __call__(self, done: int, size: int) -> None:
        """Say how far it is."""
        if self._quiet or time.monotonic() < self._next:
            return
        self._next = time.monotonic() + self._pause
        self._shown = True
        end = "\r" if self._terminal else "\n"
        sys.stderr.write(f"已验证 verified {done:,} / {size:,}{end}")
        sys.stderr.flush()

    def end(self) -> None:
        """Leave the line behind."""
        if self._shown and self._terminal:
            sys.stderr.write("\n")


def told_verified(found: Verified) -> str:
    """What a log that verifies holds."""
    facts = found.members()
    lines = [
        f"✔ {facts['origin']}  {facts['size']:,} 条 entries",
        f"  根 root {facts['root']}",
        *(["  国密签名 SM2-SM3 ✔"] if found.tree.seconded else []),
    ]
    if facts["foreign"]:
        return "\n".join([*lines, "  外部日志, 只验证树 a foreign log: the tree alone is verified"])
    lines.append(f"  {_counts(_LEAVES, facts['leaves'])}")
    lines += [f"  {tier}: {_tier(facts['bodies'][tier])}" for tier in sorted(facts["bodies"])]
    if facts["last_heartbeat"]:
        lines.append(f"  最近心跳 last heartbeat {facts['last_heartbeat']}")
    return "\n".join(lines)


def _tier(counts: dict[str, Any]) -> str:
    if not counts["readable"]:
        return "此处不可读 not readable here"
    refused = "".join(f" · 退回 refused {code} {n}" for code, n in counts["refused"].items())
    return _counts(_BODIES, counts) + refused


def _counts(names: dict[str, str], counts: dict[str, Any]) -> str:
    return " · ".join(f"{text} {counts[name]}" for name, text in names.items() if counts.get(name))


def told_proof(found: Proven, out: Path | None) -> str:
    """What a proof proves, and what remains for people to compare."""
    facts = found.members()
    lines = [
        f"✔ {facts['origin']} 第 {facts['index']} 条 entry {facts['index']} / {facts['size']}",
        "  单位签名, 条目在树中, 正文与承诺相符 signed, included, bodies as committed",
    ]
    lines += ["  国密签名 SM2-SM3 ✔"] if found.seconded else []
    lines += [f"  回执 receipt {each['name']} {each['time']}" for each in facts["cosigned"]]
    lines += [f"  {tier}: {body.decode()}" for tier, body in found.record.bodies.items()]
    lines += [f"  请核对指纹 compare {who}: {each}" for who, each in found.to_compare.items()]
    return "\n".join([*lines, f"  {out}"] if out else lines)
