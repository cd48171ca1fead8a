"""The records of the story: plainly invented, and each body with a mark of its own.

By its mark what was erased is looked for in every byte that the hub holds. Marks have letters only,
for digits may look like somebody's telephone.
"""

import random
import re
from collections.abc import Mapping
from typing import Any

from fenhe_protocol.strict_json import dumps

Bodies = Mapping[str, Mapping[str, Any]]
"""For each tier the fields of a record, without the unit's code."""

_LETTERS = b"abcdefghijklmnop"
_MARK_LETTERS = 16
MARK = re.compile(rb"mk-[a-p]{16}")


def mark(dice: random.Random) -> str:
    """A mark that no other body has."""
    return "mk-" + bytes(dice.choices(_LETTERS, k=_MARK_LETTERS)).decode()


def instrument(id_: str, dice: random.Random) -> Bodies:
    """An instrument with a public and a supervised body."""
    envelope = {"kind": "instrument", "id": id_}
    public = {
        "name_zh": f"示例仪器 {mark(dice)}",
        "status": dice.choice(["normal", "standby", "awaiting_repair"]),
        "class_code": dice.choice(["010101", "010201", "020101"]),
        "user_notice": "示例大学 " * dice.randrange(1, 12),
    }
    held = {"value_yuan": dice.randrange(1, 9_000_000), "department": f"示例部门 {mark(dice)}"}
    return {"pub": envelope | public, "hub": envelope | held}


def service(id_: str, of: str, dice: random.Random) -> Bodies:
    """A service record of an instrument."""
    hour, minutes = dice.randrange(8, 16), dice.randrange(10, 240)
    day = f"2026-{dice.randrange(1, 11):02}-{dice.randrange(1, 28):02}"
    fields = {
        "kind": "service_record",
        "id": id_,
        "instrument": of,
        "started_at": f"{day}T{hour:02}:00:00+08:00",
        "ended_at": f"{day}T{hour + 4:02}:00:00+08:00",
        "effective_minutes": minutes,
        "amount_fen": dice.randrange(0, 200_000),
        "samples": dice.randrange(1, 20),
        "tax_note": f"示例 {mark(dice)}",
    }
    return {"hub": fields}


def deletion(kind: str, id_: str) -> Bodies:
    """The deletion of a record, in every tier that it has."""
    gone = {"kind": kind, "id": id_, "deleted": {"on": "2026-11-20", "reason": "error"}}
    tiers = ("hub",) if kind == "service_record" else ("pub", "hub")
    return {tier: dict(gone) for tier in tiers}


def whole(bodies: Bodies, uscc: str) -> dict[str, bytes]:
    """The bytes of each body, with the unit's code."""
    return {tier: dumps({"unit": uscc, **fields}) for tier, fields in bodies.items()}
