"""The styles of an .ods: how a number is shown, in Excel's words, and which sheets are hidden.

OpenDocument says with elements what Excel says with a format: `number:year` and `number:month` are
yyyy-m. What `formats` and `mapping` ask of a cell's format is asked of what is made here.
"""

from dataclasses import dataclass, field

from fenhe_client.sheets.ods.xml import Attributes

_DATA_STYLES = frozenset(
    f"number:{kind}-style"
    for kind in ("number", "percentage", "currency", "date", "time", "boolean", "text")
)
_SHORT = {
    "number:day": "d",
    "number:day-of-week": "aaa",
    "number:month": "m",
    "number:year": "yy",
    "number:era": "e",
    "number:quarter": "q",
    "number:hours": "h",
    "number:minutes": "m",
    "number:seconds": "s",
    "number:am-pm": "AM/PM",
    "number:text-content": "@",
    "number:fraction": "# ?/?",
    "number:boolean": "BOOLEAN",
}
_GENERAL = "General"
_MOST_DIGITS = 30
_MOST_PARENTS = 32  # a style can name itself as its parent


@dataclass
class _Style:
    parent: str
    data: str
    display: bool = True


@dataclass
class Styles:
    """A Listener that collects styles; ask it when all parts with styles were read."""

    _styles: dict[str, _Style] = field(default_factory=dict)
    _formats: dict[str, str] = field(default_factory=dict)
    _open: str = ""  # the data style being read
    _parts: list[str] = field(default_factory=list)
    _literal: bool = False
    _last: _Style | None = None

    def begin(self, name: str, attributes: Attributes) -> None:
        """Hear of an element of the parts that hold styles."""
        if name == "style:style":
            parent = attributes.get("style:parent-style-name", "")
            self._last = _Style(parent, attributes.get("style:data-style-name", ""))
            self._styles[attributes.get("style:name", "")] = self._last
        elif name == "style:table-properties" and self._last:
            self._last.display = attributes.get("table:display") != "false"
        elif name in _DATA_STYLES:
            self._open, self._parts = attributes.get("style:name", ""), []
        elif self._open:
            self._literal = name in ("number:text", "number:currency-symbol")
            self._parts.append(_part(name, attributes))

    def end(self, name: str) -> None:
        """Hear of its end."""
        if name in _DATA_STYLES:
            self._formats[self._open] = "".join(self._parts)
            self._open = ""
        elif self._literal:
            self._literal = False

    def text(self, text: str) -> None:
        """Hear of text: what a format shows as it stands."""
        if self._literal and self._open:
            self._parts.append("%" if text == "%" else f'"{text}"')

    def format(self, style: str) -> str:
        """How cells of this style show a number."""
        for _ in range(_MOST_PARENTS):
            found = self._styles.get(style)
            if found is None:
                break
            if found.data:
                return self._formats.get(found.data, "")
            style = found.parent
        return ""

    def displays(self, style: str) -> bool:
        """Whether sheets of this style are shown."""
        found = self._styles.get(style)
        return found is None or found.display


def _part(name: str, attributes: Attributes) -> str:
    if name == "number:scientific-number":
        return "0.00E+00"
    if name == "number:number":
        return _number(attributes)
    short = _SHORT.get(name, "")
    if name == "number:year" and attributes.get("number:style") == "long":
        return "yyyy"
    return short


def _number(attributes: Attributes) -> str:
    whole = _count(attributes.get("number:min-integer-digits", "0"))
    places = attributes.get("number:decimal-places")
    if places is None and whole <= 1:
        return _GENERAL
    grouped = attributes.get("number:grouping") == "true"
    shown = "#,##0" if grouped else "0" * max(whole, 1)
    return shown + ("." + "0" * _count(places) if places and _count(places) else "")


def _count(text: str) -> int:
    return min(int(text), _MOST_DIGITS) if text.isascii() and text.isdigit() else 0
