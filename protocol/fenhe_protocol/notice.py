"""`ntc`: what a hub writes to one unit, a word of `fed` (feed §10). Pure.

A public notice stands in tier `pub`, any other in tier `to`: its line is given to that unit alone.
It is answered by a `notice_reply` of the same number in the unit's catalogue.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

_TEXTS = (
    *("answer_by", "matter", "title", "case", "deadline"),
    *("document_no", "decided_by", "decided_on", "revokes"),
)
"""Members beside `to` and `text` that are left out where they are empty."""


@dataclass(frozen=True, slots=True)
class Notice:
    """One notice by its number. Dates are ISO dates; what is empty is not said.

    `matter` is its kind (schema `ntc`), `about` the findings it stands on as
    `<unit>/<rule>/<kind>/<id>`, `case` the number of the measure, `revokes` that of a notice.
    """

    kind: ClassVar[str] = "ntc"
    number: str
    to: str
    text: str
    answer_by: str = ""
    matter: str = ""
    title: str = ""
    about: tuple[str, ...] = ()
    case: str = ""
    deadline: str = ""
    document_no: str = ""
    decided_by: str = ""
    decided_on: str = ""
    revokes: str = ""
    is_public: bool = False

    @property
    def tier(self) -> str:
        """In which tier it is said."""
        return "pub" if self.is_public else "to"

    def members(self) -> dict[str, Any]:
        """The id and the fields."""
        known = {name: text for name in _TEXTS if (text := getattr(self, name))}
        about = {"about": list(self.about)} if self.about else {}
        public = {"public": True} if self.is_public else {}
        return {"id": self.number, "to": self.to, "text": self.text, **known, **about, **public}


def read_notice(number: str, fields: Mapping[str, Any]) -> Notice:
    """The notice that a valid body says; KeyError."""
    texts = {name: fields[name] for name in _TEXTS if name in fields}
    about, is_public = tuple(fields.get("about", ())), bool(fields.get("public", False))
    return Notice(number, fields["to"], fields["text"], about=about, is_public=is_public, **texts)
