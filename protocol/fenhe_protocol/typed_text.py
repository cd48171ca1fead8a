"""Text that somebody typed into a form: brought to one form, free of what cannot be seen. Pure."""

import re
import unicodedata

_BAD = frozenset({"Cc", "Cs", "Co", "Cn"})
_TURNING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_LINE_ENDS = re.compile("\r\n?|[\u2028\u2029\x85]")


def clean(text: str) -> str:
    """NFC, line ends as newlines, without space at the ends."""
    return unicodedata.normalize("NFC", _LINE_ENDS.sub("\n", text)).strip()


def is_plain(text: str) -> bool:
    """Whether every character is one that is read, or a newline or tab."""
    return not any(
        each in _TURNING or (unicodedata.category(each) in _BAD and each not in "\n\t")
        for each in text
    )


def trouble(text: str, longest: int) -> str:
    """What keeps a cleaned text from being taken, in words for who typed it; empty: nothing."""
    if len(text) > longest:
        return f"最多 {longest} 个字，现有 {len(text)} 个"
    return "" if is_plain(text) else "含有看不见的控制字符，请重新输入"
