"""The letter under which a Chinese name stands in an index: the first of its pinyin. Pure.

GB 2312 sets its 3,755 common characters in the order of pinyin, so the first character of each
letter bounds it. What stands in no letter goes under `#`, which loses nobody.
"""

from bisect import bisect_right

OTHER = "#"
_FIRST = "啊芭擦搭蛾发噶哈击喀垃妈拿哦啪期然撒塌挖昔压匝"
_LETTERS = "ABCDEFGHJKLMNOPQRSTWXYZ"
_BOUNDS = [character.encode("gb2312") for character in _FIRST]
_END = b"\xd7\xf9"  # 座, the last of them


def initial(name: str) -> str:
    """`核磁共振波谱仪` → H; `X射线衍射仪` → X; a digit or a rarer character → #."""
    first = name.strip()[:1]
    if first.isascii():
        return first.upper() if first.isalpha() else OTHER
    code = first.encode("gb2312", "ignore")
    if len(code) != 2 or not _BOUNDS[0] <= code <= _END:
        return OTHER
    return _LETTERS[bisect_right(_BOUNDS, code) - 1]
