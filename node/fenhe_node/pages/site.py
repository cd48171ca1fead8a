"""What every page of a unit has in common: its name, its sections, the signature at its foot.

`Site` says where each page is: below the unit's address, or, for the export, as files beside each
other (`ExportedSite`). Templates ask it for every link, so both come from the same templates.
"""

import hashlib
import re
from dataclasses import dataclass, replace
from typing import Self
from urllib.parse import quote, urlencode

from fenhe_protocol.encoding import format_time

SECTIONS = (
    ("", "仪器设备"),
    ("fees", "收费标准"),
    ("usage-summary", "使用情况"),
    ("unit", "单位与制度"),
    ("feedback", "意见反馈"),
)
_UNSAFE = re.compile("[^a-z0-9]+")
_OWN_FILE = re.compile(r"/files/([0-9a-f]{64}\.(?:jpg|pdf))$")


@dataclass(frozen=True, slots=True)
class Site:
    """One unit's pages; `base` is the path of its public address, without a slash at the end."""

    unit: str
    uscc: str
    base: str
    size: int
    signed_at: str
    fingerprint: str
    address: str = ""  # the whole public address, without a slash at the end
    logo: str = ""  # file name: `logo.png`
    files: frozenset[str] = frozenset()  # the unit's photos and documents, by file name
    takes_orders: bool = False
    sections: tuple[tuple[str, str], ...] = SECTIONS

    @property
    def is_export(self) -> bool:
        """Whether the pages are files, which can search nothing and take no form."""
        return False

    def page(self, name: str = "", query: str = "") -> str:
        """Address of a section's page: `fees`; the list where there is no name."""
        return f"{self.base}/{name}{query}"

    def table(self, name: str, query: str = "") -> str:
        """Address of a table as a workbook: `export`, `fees`, `usage-summary`."""
        return f"{self.base}/{name}.xlsx{query}"

    def asset(self, name: str) -> str:
        """Address of the style sheet, or of the logo."""
        return f"{self.base}/{name}"

    def own_file(self, address: str) -> str:
        """Where pages find a photo or document that lies with us; empty for what lies elsewhere."""
        found = _OWN_FILE.search(address)
        return self.asset(f"files/{found[1]}") if found and found[1] in self.files else ""

    def feed(self, path: str) -> str:
        """Address of a file of the feed."""
        return f"{self.base}/{path}"

    def record(self, kind: str, id: str) -> str:
        """Address of a record's page; ids may hold any character, so they stand in the query."""
        return f"{self.base}/record?" + urlencode({"kind": kind, "id": id})

    def form(self, kind: str, id: str, ending: str) -> str:
        """Address of another form of a record, as `pidinst.json`."""
        return f"{self.base}/record.{ending}?" + urlencode({"kind": kind, "id": id})

    def raw(self, kind: str, id: str) -> str:
        """Address of the bytes that the unit signed."""
        return self.form(kind, id, "json")

    def proof(self, kind: str, id: str) -> str:
        """Address of the proof file of a record."""
        return self.form(kind, id, "tlog-proof")

    def landing(self, kind: str, id: str) -> str:
        """The whole address of a record's page, by which others cite it."""
        return f"{self.address}/record?" + urlencode({"kind": kind, "id": id})

    def apply(self, id: str) -> str:
        """Address of the form by which an instrument's service is asked for."""
        return f"{self.base}/apply?" + urlencode({"id": id})

    def busy(self, id: str) -> str:
        """Address of an instrument's calendar of busy times."""
        return f"{self.base}/free-busy.ics?" + urlencode({"id": id})


@dataclass(frozen=True, slots=True)
class ExportedSite(Site):
    """The same pages as files; `up` leads from a page to the folder of them all."""

    up: str = ""

    @property
    def is_export(self) -> bool:
        """Whether the pages are files, which can search nothing and take no form."""
        return True

    def below(self) -> Self:
        """The site as the pages in a folder see it."""
        return replace(self, up="../")

    def page(self, name: str = "", query: str = "") -> str:
        """The file of a section."""
        return f"{self.up}{name or 'index'}.html"

    def table(self, name: str, query: str = "") -> str:
        """The file of a table."""
        return f"{self.up}{name}.xlsx"

    def asset(self, name: str) -> str:
        """The file of the style sheet, of the logo, of a photo."""
        return self.up + name

    def feed(self, path: str) -> str:
        """The feed is not part of the export: by its whole address."""
        return f"{self.address}/{path}"

    def record(self, kind: str, id: str) -> str:
        """The file of a record's page."""
        return f"{self.up}record/{file_name(kind, id)}.html"

    def form(self, kind: str, id: str, ending: str) -> str:
        """The file of another form of a record."""
        return f"{self.up}record/{file_name(kind, id)}.{ending}"

    def apply(self, id: str) -> str:
        """Nothing can be asked for by a file: at the node itself, if it listens."""
        return f"{self.address}/apply?" + urlencode({"id": id})

    def busy(self, id: str) -> str:
        """The file of the calendar."""
        return self.form("instrument", id, "ics")


def file_name(kind: str, id: str) -> str:
    """The name of a record's files: readable, and unique on any file system.

    Ids may hold any character, and many file systems do not tell letters by their case.
    """
    mark = hashlib.sha256(f"{kind}\n{id}".encode()).hexdigest()[:12]
    readable = _UNSAFE.sub("-", id.lower()).strip("-")[:40]
    return quote("-".join(part for part in (kind, readable, mark) if part))


def clock(posix: int, offset_minutes: int) -> str:
    """Write a time as it is read on a page: `2026-11-23 09:12`."""
    return format_time(posix, offset_minutes)[:16].replace("T", " ")
