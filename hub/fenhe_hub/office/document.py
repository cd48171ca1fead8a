"""By which document an authority decided: number, day, body. Start at `decided_by`."""

from dataclasses import dataclass

from fenhe_hub.casework import authorities
from fenhe_hub.casework.book import Casework
from fenhe_hub.office import entered
from fenhe_hub.office.staff import Staff
from fenhe_protocol.encoding import date_at
from fenhe_protocol.errors import RequestError


@dataclass(frozen=True, slots=True)
class Document:
    """By what an authority decided; `body` is needed only of who acts for none."""

    number: str
    on: str
    body: str = ""


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision: document, day, body; `authority` is its number, `authority_kind` what it is for.

    Both are empty where who decides acts for none.
    """

    document_no: str
    on: str
    by: str
    authority: str = ""
    authority_kind: str = ""

    def told(self) -> dict[str, str]:
        """As it stands in an act."""
        about = {"document_no": self.document_no, "decided_on": self.on, "decided_by": self.by}
        return about | {"authority": self.authority}


def decided_by(casework: Casework, who: Staff, document: Document, now: int) -> Decided:
    """The decision as it is kept; RequestError 422 `measure.day`, InputError `register.*`."""
    today = date_at(now)
    on = entered.day(document.on, "decided_on")
    if on > today:
        raise RequestError("measure.day", status=422, where="decided_on", expected=f"≤ {today}")
    found = authorities.authority(casework.db, who.authority) if who.authority else None
    body = found.name if found else entered.words(document.body, "decided_by")
    number = entered.words(document.number, "document_no", most=100)
    return Decided(number, on, body, who.authority, found.kind if found else "")
