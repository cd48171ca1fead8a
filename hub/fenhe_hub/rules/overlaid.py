"""What the office lays over findings: exemptions, objections and corrections, as facts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Subject:
    """What is meant: a unit's findings, or those of one rule, or of one record; empty means all.

    A finding's id is `<uscc>/<rule>/<kind>/<id>`; a subject leaves parts of it open from the right,
    or names the record by every rule with the rule `*`.
    """

    uscc: str
    rule: str = ""
    kind: str = ""
    id: str = ""

    @classmethod
    def parse(cls, text: str) -> Subject:
        """Read `<uscc>[/<rule>[/<kind>[/<id>]]]`; an id may hold slashes itself. ValueError."""
        parts = text.split("/", 3)
        if not parts[0]:
            raise ValueError(f"no subject: {text!r}")
        if len(parts) > 1 and parts[1] == "*":
            parts[1] = ""
        return cls(*parts)

    def covers(self, uscc: str, rule: str, kind: str, id_: str) -> bool:
        """Whether a finding of these is meant."""
        asked = ((self.uscc, uscc), (self.rule, rule), (self.kind, kind), (self.id, id_))
        return all(mine in ("", theirs) for mine, theirs in asked)


@dataclass(frozen=True)
class Exemption:
    """A granted exemption: by whom, why, under which filing number; `until` is its last day."""

    subject: Subject
    approver: str
    reason: str
    filing_no: str
    start: date
    until: date | None = None
    number: str = ""

    def holds_on(self, day: date) -> bool:
        """Whether it is in force on a day."""
        return self.start <= day and (self.until is None or day <= self.until)

    def as_json(self) -> dict[str, str]:
        """What is shown with a finding."""
        return {
            "number": self.number,
            "approver": self.approver,
            "reason": self.reason,
            "filing_no": self.filing_no,
            "from": self.start.isoformat(),
            "until": self.until.isoformat() if self.until else "",
        }


@dataclass(frozen=True)
class Objection:
    """What a unit objected to a finding, and how it was decided; empty while it is open."""

    subject: Subject
    number: str
    raised_on: date
    text: str
    decision: str = ""
    statement: str = ""  # what the unit wants to stand beside the finding for everyone

    def as_json(self) -> dict[str, str]:
        """What is shown with a finding."""
        return {
            "number": self.number,
            "raised_on": self.raised_on.isoformat(),
            "text": self.text,
            "decision": self.decision,
            "statement": self.statement,
        }


@dataclass(frozen=True)
class Correction:
    """All findings that one rule set made are withdrawn; the sentence is public."""

    rules: str  # sha256 of the set
    reason: str
    withdrawn_on: date
    number: str = ""
    rule: str = ""  # of one rule of the set alone

    def as_json(self) -> dict[str, str]:
        """What is shown with a finding."""
        return {
            "number": self.number,
            "reason": self.reason,
            "withdrawn_on": self.withdrawn_on.isoformat(),
            "zh": self.text_zh,
            "en": self.text_en,
        }

    @property
    def text_zh(self) -> str:
        """What is said in public of findings that are withdrawn."""
        number = f"（{self.number}）" if self.number else ""
        return f"更正{number}：平台于{self.withdrawn_on}撤回此项认定。原因：{self.reason}"

    @property
    def text_en(self) -> str:
        """The same in English; the reason stands as it was written."""
        number = f" {self.number}" if self.number else ""
        return f"correction{number}: withdrawn by the hub on {self.withdrawn_on}: {self.reason}"
