"""Findings' files that anybody hands over, what is told of them, and names that people type."""

from dataclasses import replace

from fenhe_client.findings.reckoned import reckon
from fenhe_client.findings.told import members, told
from fenhe_hub.proving.grounds import read_name
from fenhe_hub.reporting.facts import ReportFacts, nowhere
from fenhe_hub.reporting.period import Period
from fenhe_protocol.errors import InputError, Refused, StoreError
from fenhe_protocol.finding_file import FindingFile
from fenhe_protocol.finding_proof import examine
from tests.fuzz.target import Target, text_of
from tests.protocol.found import NOW, Story

_REPORT = ReportFacts(
    "2026",
    False,
    "hub.example",
    1,
    9,
    "",
    "2026-11-23T08:00:00+08:00",
    "示例",
    "0" * 64,
    (),
    0,
    (),
    nowhere(),
)


def _file() -> FindingFile:
    story = Story()
    story.publish("A-9")
    story.cosign(NOW)
    story.claim |= {
        "due": "2026-11-20",
        "counted_from": "2026-10-09",
        "counted_days": "30",
        "counted_kind": "working",
    }
    return replace(story.file(), grounds=(("u1.example/f/catalogue", 0, "2026-11-23"),))


def _explained(raw: bytes) -> object:
    found = examine(raw)
    reckoned = reckon(found)
    assert told(found, reckoned, is_compared=False)
    return members(found, reckoned)


_WORDS = [
    *(b'"claim"', b'"counted_from"', b'"counted_days"', b'"due"', b'"grounds"', b'"rules"'),
    *(b"9999-12-31", b"0001-01-01", b"-1", b"[]", b"{}", b'""', b"null"),
]
TARGETS = (
    Target(
        "finding's file",
        _explained,
        (Refused, InputError),
        [_file().encode()],
        _WORDS,
        found={
            "a day from which nothing can be counted": replace(
                _file(), claim={**_file().claim, "counted_from": "9999-12-31"}
            ).encode(),
            "rules that are no rules": replace(_file(), rules="- [").encode(),
        },
    ),
    Target(
        "name of a finding",
        lambda raw: read_name(text_of(raw)),
        (InputError,),
        [b"12140000000000019W/D1/instrument/A-1001", b"12140000000000019W/D12/unit/"],
        [b"/", b"D", b"*"],
    ),
    Target(
        "period of a report",
        lambda raw: Period.parse(text_of(raw)),
        (InputError,),
        [b"2026", b"2026-11"],
        [b"-", b"00", b"13"],
    ),
    Target("facts of a report", ReportFacts.decode, (StoreError,), [_REPORT.encode()], [b"[]"]),
)
