"""Every error of Fenhe, by whose fault it is. Programs catch the branch, people read the text.

    FenheError               code, where, expected, found, advice
    ├── PublisherError       what a publisher served is wrong
    │   ├── Refused          outcome REFUSE
    │   │   └── Ended        a head above the end of its log, with the note
    │   └── Forked           outcome QUARANTINE, with the notes that prove it
    ├── Deferred             the network's or time's fault: outcome DEFER
    ├── RequestError         the one who asks is at fault; carries the HTTP status
    ├── InputError           a unit's data is wrong; `where` is the place
    ├── SetupError           configuration, home or keys: the operator's; `where` is the key
    └── StoreError           our own disk or database

Codes are API and never change their meaning; the sentences (`error_texts`) may.
"""

from fenhe_protocol.error_texts import TEXTS, Text

_LONGEST_SHOWN = 200


class FenheError(Exception):
    """What went wrong, as a code with a place and both sides of the comparison."""

    def __init__(
        self, code: str, *, where: str = "", expected: str = "", found: str = "", advice: str = ""
    ) -> None:
        super().__init__(code)
        self.code = code
        self.where = _one_line(where)
        self.expected = _one_line(expected)
        self.found = _one_line(found)
        self.advice = _one_line(advice)

    @property
    def text(self) -> Text:
        """The sentence of this code in both languages."""
        return TEXTS.get(self.code, Text(self.code, self.code))

    @property
    def title(self) -> str:
        """Chinese first, English second."""
        return f"{self.text.zh} / {self.text.en}"

    def problem(self) -> dict[str, str]:
        """Members of an `application/problem+json` body (RFC 9457), the empty ones left out."""
        members = {
            "type": f"urn:fenhe:error:{self.code}",
            "title": self.title,
            "code": self.code,
            "where": self.where,
            "expected": self.expected,
            "found": self.found,
            "advice": self.advice,
        }
        return {name: value for name, value in members.items() if value}

    def __str__(self) -> str:
        details = (
            ("位置 at", self.where),
            ("应为 expected", self.expected),
            ("实为 found", self.found),
            ("建议 advice", self.advice),
        )
        tail = "; ".join(f"{label}: {value}" for label, value in details if value)
        return f"{self.code}: {self.title}" + (f" ({tail})" if tail else "")


class PublisherError(FenheError):
    """What a publisher served is wrong."""


class Refused(PublisherError):
    """Outcome REFUSE: nothing of what the file was needed for is admitted."""


class Ended(Refused):
    """A signed head above the size at which a root document ended its log; `note` is evidence."""

    def __init__(
        self, code: str, *, note: bytes, where: str = "", expected: str = "", found: str = ""
    ) -> None:
        super().__init__(code, where=where, expected=expected, found=found)
        self.note = note


class Forked(PublisherError):
    """Outcome QUARANTINE: two signed heads that cannot both be true; `evidence` holds the notes.

    Between two sizes `history` is the root that the larger tree has at the smaller one, and the
    consistency proof from there: what shows others that the two do not go together.
    """

    def __init__(
        self,
        code: str,
        *,
        evidence: tuple[bytes, ...] = (),
        history: tuple[bytes, ...] = (),
        where: str = "",
        expected: str = "",
        found: str = "",
        advice: str = "",
    ) -> None:
        super().__init__(code, where=where, expected=expected, found=found, advice=advice)
        self.evidence = evidence
        self.history = history


class Deferred(FenheError):
    """Outcome DEFER: go on at the next visit, not before `retry_after` seconds if given."""

    def __init__(
        self,
        code: str,
        *,
        retry_after: int | None = None,
        where: str = "",
        expected: str = "",
        found: str = "",
        advice: str = "",
    ) -> None:
        super().__init__(code, where=where, expected=expected, found=found, advice=advice)
        self.retry_after = retry_after


class RequestError(FenheError):
    """The one who asks is at fault; `status` is 400, 401, 403, 404, 409, 413 or 422."""

    def __init__(
        self,
        code: str,
        *,
        status: int = 400,
        where: str = "",
        expected: str = "",
        found: str = "",
        advice: str = "",
    ) -> None:
        super().__init__(code, where=where, expected=expected, found=found, advice=advice)
        self.status = status


class InputError(FenheError):
    """A unit's data is wrong; `where` names file, sheet, row and column as far as known."""


class SetupError(FenheError):
    """Configuration, home or keys are wrong; `where` names the key or path."""


class StoreError(FenheError):
    """Our own disk or database failed."""


def _one_line(text: str) -> str:
    # What is shown may come from a stranger: no control character reaches a log or a terminal.
    shown = text
    if not text.isprintable():
        shown = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)
    return shown if len(shown) <= _LONGEST_SHOWN else shown[: _LONGEST_SHOWN - 1] + "…"
