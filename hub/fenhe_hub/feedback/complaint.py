"""What somebody typed into the public form, judged field by field. Pure. Start at `read_complaint`.

Only what it is about is kept in the clear, and only as codes that are known here: whatever is
typed freely may name a person, and is sealed (`sealing`).
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from fenhe_hub.feedback.subjects import OF_A_UNIT, Category
from fenhe_protocol.typed_text import clean, trouble

LONGEST_TEXT, LONGEST_WISH, LONGEST_CONTACT = 4000, 1000, 200
_CATEGORIES = frozenset(Category)


@dataclass(frozen=True, slots=True)
class Complaint:
    """What it is about, and what was said: `sealed_part` goes to the handlers alone."""

    category: str
    unit: str = ""  # uscc; empty where it is about none
    kind: str = ""
    id: str = ""
    text: str = ""
    wish: str = ""
    contact: str = ""

    def sealed_part(self) -> dict[str, str]:
        """What only the handlers read."""
        told = {"text": self.text, "wish": self.wish, "contact": self.contact}
        return {name: value for name, value in told.items() if value}

    def subject(self) -> dict[str, str]:
        """What stands in the clear."""
        told = {"unit": self.unit, "kind": self.kind, "record": self.id}
        return {"category": self.category} | {name: each for name, each in told.items() if each}


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one field, in words for who filled it in."""

    field: str
    text: str


def read_complaint(
    form: Mapping[str, str], units: Collection[str]
) -> tuple[Complaint | None, list[Fault]]:
    """Judge a form; `units` are the codes that it may name."""
    faults: list[Fault] = []
    category, unit = form.get("category", ""), form.get("unit", "")
    if category not in _CATEGORIES:
        faults.append(Fault("category", "请选择反映的事项"))
    if unit and unit not in units:
        faults.append(Fault("unit", "请从列表中选择单位"))
    elif not unit and category in OF_A_UNIT:
        faults.append(Fault("unit", "请选择是哪个单位"))
    record = _words(form, "record", 64, faults)
    text = _words(form, "text", LONGEST_TEXT, faults)
    if not text:
        faults.append(Fault("text", "请写明情况"))
    wish = _words(form, "wish", LONGEST_WISH, faults)
    contact = _words(form, "contact", LONGEST_CONTACT, faults)
    if faults:
        return None, faults
    kind = "instrument" if record else ""
    return Complaint(category, unit, kind, record, text, wish, contact), []


def read_words(form: Mapping[str, str], name: str) -> tuple[str, list[Fault]]:
    """One text that says something: an answer, or what is added to a case."""
    faults: list[Fault] = []
    text = _words(form, name, LONGEST_TEXT, faults)
    if not text and not faults:
        faults.append(Fault(name, "请写明情况"))
    return text, faults


def _words(form: Mapping[str, str], name: str, longest: int, faults: list[Fault]) -> str:
    text = clean(form.get(name, ""))
    if wrong := trouble(text, longest):
        faults.append(Fault(name, wrong))
    return text
