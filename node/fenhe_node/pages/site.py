"""What every page of a unit has in common: its name, its sections, the signature at its foot."""

from dataclasses import dataclass
from urllib.parse import urlencode

from fenhe_protocol.encoding import format_time

SECTIONS = (
    ("", "仪器设备"),
    ("fees", "收费标准"),
    ("usage-summary", "使用情况"),
    ("unit", "单位与制度"),
    ("feedback", "意见反馈"),
)


@dataclass(frozen=True, slots=True)
class Site:
    """One unit's pages; `base` is the path of its public address, without a slash at the end."""

    unit: str
    uscc: str
    base: str
    size: int
    signed_at: str
    fingerprint: str
    sections: tuple[tuple[str, str], ...] = SECTIONS

    def record(self, kind: str, id: str) -> str:
        """Address of a record's page; ids may hold any character, so they stand in the query."""
        return f"{self.base}/record?" + urlencode({"kind": kind, "id": id})

    def raw(self, kind: str, id: str) -> str:
        """Address of the bytes that the unit signed."""
        return f"{self.base}/record.json?" + urlencode({"kind": kind, "id": id})

    def proof(self, kind: str, id: str) -> str:
        """Address of the proof file of a record."""
        return f"{self.base}/record.tlog-proof?" + urlencode({"kind": kind, "id": id})


def clock(posix: int, offset_minutes: int) -> str:
    """Write a time as it is read on a page: `2026-11-23 09:12`."""
    return format_time(posix, offset_minutes)[:16].replace("T", " ")
