"""Texts as the full text keeps them: normalised, and as tokens such that a phrase is a substring.

A hit is a record in which every word of the query occurs as it stands, as `LIKE '%word%'` would
find it, whatever the script. FTS5 has no tokenizer for that, so a text is laid down as the pairs of
its UTF-16 units, coded in hex: first the pairs from the even places, then those from the odd ones.
A word then is a phrase of its own pairs in one of the two rows; one of odd length ends in a prefix.
Punctuation and borders of scripts are units like all others, so nothing is lost at them. Pure.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

NAME_FIELDS = ("name_zh", "name_en")
TEXT_FIELDS = (
    "id",
    "model",
    "manufacturer",
    "function",
    "technical_specification",
    "service_content",
)
LINE = "\n"
"""What stands between the texts of two fields, and in no word."""

LONGEST_QUERY = 200
MOST_WORDS = 16

_TOKEN = 8  # hex digits of two units of 16 bits


def searched_texts(pub: Mapping[str, Any]) -> tuple[str, str]:
    """What of a record is searched: its names, and all the rest; normalised, a line per field."""
    return _lines(pub, NAME_FIELDS), _lines(pub, TEXT_FIELDS)


def _lines(pub: Mapping[str, Any], names: Sequence[str]) -> str:
    texts = [text for text in map(pub.get, names) if isinstance(text, str)]
    # All at once: nothing composes across a line feed, and none comes of anything else.
    folded = _folded(LINE.join([text.replace(LINE, " ") for text in texts]))
    return LINE.join([" ".join(line.split()) for line in folded.split(LINE)])


def normalise(text: str) -> str:
    """Full width as half width, no case, white space as one space (NFKC and case folding)."""
    return " ".join(_folded(text).split())


# What NFKC makes of most texts, in a tenth of its time.
_WIDE = re.compile("[\uff01-\uff5e\u3000]")


def _folded(text: str) -> str:
    if not unicodedata.is_normalized("NFKC", text):
        text = _WIDE.sub(_narrow, text)
        if not unicodedata.is_normalized("NFKC", text):
            text = unicodedata.normalize("NFKC", text)
    return text.casefold()


def _narrow(wide: re.Match[str]) -> str:
    return " " if wide[0] == "\u3000" else chr(ord(wide[0]) - 0xFEE0)


def words(query: str) -> list[str]:
    """The words of a query as they are looked for, each once."""
    return list(dict.fromkeys(normalise(query[:LONGEST_QUERY]).split()))[:MOST_WORDS]


def pairs(text: str) -> str:
    """The tokens of a text: the pairs from the even places, then those from the odd ones."""
    # Two units at the end close the last word: every unit begins a pair in one of the rows.
    units = f"{text}\n\n".encode("utf-16-be", "surrogatepass")
    return f"{units.hex(' ', -_TOKEN // 2)} {units[2:].hex(' ', -_TOKEN // 2)}"


def matching(words: Iterable[str]) -> str:
    """The FTS5 expression for the words of a query: all of them; empty when it has none."""
    return " AND ".join(_phrase(word) for word in words)


def _phrase(word: str) -> str:
    units = word.encode("utf-16-be", "surrogatepass")
    odd = len(units) % (_TOKEN // 2)
    return f'"{units.hex(" ", -_TOKEN // 2)}"{"*" if odd else ""}'


def name_key(name: str) -> bytes:
    """A key that sorts names: letters first, common Chinese characters by sound (GB 18030)."""
    return sort_key(normalise(name))


def sort_key(names: str) -> bytes:
    """The same of searched names, which are normalised: of the first."""
    return names.partition(LINE)[0].encode("gb18030", "replace")
