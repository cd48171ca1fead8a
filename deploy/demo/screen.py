"""What the demonstration shows: titles, bars, the closing table."""

from __future__ import annotations

from deploy.demo.stage import Figures, Stage
from fenhe_protocol import terminal

STEPS = 7
BAR = 8


def say(text: str) -> None:
    """Print a line at once."""
    print(text, flush=True)


def title(number: int, text: str) -> None:
    """Begin a step."""
    say(f"[{number}/{STEPS}] {text}")


def bar(good: int, all_: int) -> str:
    """Draw how much of all is good."""
    filled = BAR if not all_ else good * BAR // all_
    return "▇" * filled + "-" * (BAR - filled)


def padded(text: str, width: int) -> str:
    """Fill with blanks to a width in which a Chinese character counts two."""
    return terminal.padded(text, max(width, terminal.width(text) + 1))


def closing_table(figures: Figures, stage: Stage) -> str:
    """Write the figures of each unit and the addresses to open."""
    heads = ("单位", "发布", "验证", "退回", "发现", "上报仪器", "网关上报服务")
    widths = (14, 8, 8, 8, 8, 10, 12)
    lines = ["", _row(heads, widths)]
    for unit in figures.units:
        cells = (unit.name, unit.published, unit.verified, unit.refused, unit.findings,
                 unit.forwarded, unit.services)  # fmt: skip
        lines.append(_row(tuple(map(str, cells)), widths))
    lines += ["", *(f"{padded(name, 18)}{address}" for name, address in stage.addresses())]
    return "\n".join([*lines, "Ctrl-C 停止 to stop"])


def closing_line(figures: Figures) -> str:
    """Write the one line that a script can read."""
    units = figures.units
    return (
        f"demo ok nodes={len(units)} published={sum(u.published for u in units)}"
        f" verified={sum(u.verified for u in units)} refused={sum(u.refused for u in units)}"
        f" findings={sum(u.findings for u in units)}"
        f" forwarded={sum(u.forwarded + u.services for u in units)}"
    )


def _row(cells: tuple[str, ...], widths: tuple[int, ...]) -> str:
    return "".join(padded(cell, width) for cell, width in zip(cells, widths, strict=True)).rstrip()
