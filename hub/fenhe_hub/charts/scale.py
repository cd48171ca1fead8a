"""Round numbers for an axis that begins at 0."""

import math

_STEPS = (1, 2, 2.5, 5, 10)


def ticks(largest: float, most: int = 5) -> list[float]:
    """From 0 up to at least `largest` in even round steps, `most` of them at most."""
    if largest <= 0:
        return [0, 1]
    rough = largest / most
    unit = 10.0 ** math.floor(math.log10(rough))
    step = next(each * unit for each in _STEPS if each * unit * most >= largest * (1 - 1e-9))
    whole = max(step, 1) if largest >= 1 and float(largest).is_integer() else step
    return [whole * number for number in range(math.ceil(largest / whole - 1e-9) + 1)]


def tick_text(value: float) -> str:
    """A number of an axis."""
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:g}"
