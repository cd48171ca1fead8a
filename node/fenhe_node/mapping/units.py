"""Units of money and time, and exact conversion between them. No float ever takes part."""

from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal

# Name as written → (what it measures, how many of the smallest there are in one).
UNITS: dict[str, tuple[str, int]] = {
    "分": ("money", 1),
    "角": ("money", 10),
    "元": ("money", 100),
    "千元": ("money", 100_000),
    "万元": ("money", 1_000_000),
    "分钟": ("time", 1),
    "小时": ("time", 60),
    "天": ("time", 1440),
}

ENGLISH = {
    "分": "fen",
    "角": "tenths of a yuan",
    "元": "yuan",
    "千元": "1,000 yuan",
    "万元": "10,000 yuan",
    "分钟": "minutes",
    "小时": "hours",
    "天": "days",
}

_ROUNDING = {"half_up": ROUND_HALF_UP, "down": ROUND_DOWN}


def convert(number: Decimal, written: str, recorded: str) -> Decimal:
    """Convert from the unit written to that of the field; ValueError where they do not meet."""
    if not written or written == recorded:
        return number
    if recorded not in UNITS or UNITS[written][0] != UNITS[recorded][0]:
        raise ValueError(f"{written} → {recorded}")
    return number * UNITS[written][1] / UNITS[recorded][1]


def whole(number: Decimal, rounding: str) -> int | None:
    """Give a whole number, rounded only where the mapping says how; None if it is none."""
    if rounding:
        return int(number.to_integral_value(_ROUNDING[rounding]))
    return int(number) if number == number.to_integral_value() else None


def unit_in(guidance: str) -> str:
    """Find the unit that a header names (单位万元, 元, 小时); empty if none or more than one."""
    found = [unit for unit in ("万元", "千元", "分钟", "小时", "元") if unit in guidance]
    if found[:1] in (["万元"], ["千元"]):
        found = [unit for unit in found if unit != "元"]
    return found[0] if len(found) == 1 else ""
