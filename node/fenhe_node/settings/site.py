"""`site`: the looks of the unit's public pages: its own logo and two colours."""

import re
from dataclasses import dataclass

from fenhe_protocol.settings import setting

LEAST_CONTRAST = 4.5  # WCAG 2.2 AA for text
PAPER, INK, SOFT = "#ffffff", "#1d2429", "#5a656d"  # of `fenhe_client/static/base.css`
_COLOUR = re.compile("#[0-9a-fA-F]{6}")


@dataclass(frozen=True)
class SiteSettings:
    """What makes the pages the unit's own."""

    logo: str = setting(
        default="",
        zh="单位标志：本目录下的 PNG 或 JPEG 文件，最多 300 KB",
        en="the unit's logo: a PNG or JPEG file below this folder, of at most 300 KB",
    )
    accent: str = setting(
        default="#0a5a63",
        zh="主色，用于链接和按钮；与白色的对比度须达 4.5",
        en="the colour of links and buttons; its contrast with white is at least 4.5",
    )
    band: str = setting(
        default="#f5f7f6",
        zh="页首底色；文字在其上须清楚，对比度达 4.5",
        en="the ground of the head; text on it has a contrast of at least 4.5",
    )

    private_calendars: bool = setting(
        default=False,
        zh="忙闲日历（booking_free_busy）可以在内网地址",
        en="calendars of booking systems may lie at private addresses, http too",
    )
    export_to: str = setting(
        default="",
        zh="静态网页导出到的目录：服务在每次发布后、至少每天重导；空则不导出",
        en="a folder that gets the pages as files after each publish, and daily; empty: none",
    )

    def __post_init__(self) -> None:
        """Judge what a type cannot; ValueError names the key."""
        for name in ("accent", "band"):
            if not _COLOUR.fullmatch(getattr(self, name)):
                raise ValueError(f"{name}: #rrggbb; found {getattr(self, name)!r}")
        _readable("accent", self.accent, PAPER)
        _readable("accent", self.accent, self.tint)
        for text in (self.accent, INK, SOFT):
            _readable("band", text, self.band)

    @property
    def tint(self) -> str:
        """The ground of marks and notices: the accent, nine parts of white to one."""
        parts = (int(self.accent[n : n + 2], 16) for n in (1, 3, 5))
        return "#" + "".join(f"{(part + 9 * 255) // 10:02x}" for part in parts)


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours `#rrggbb`, 1 to 21 (WCAG 2.2, 1.4.3)."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _readable(name: str, text: str, ground: str) -> None:
    if (found := contrast(text, ground)) < LEAST_CONTRAST:
        other = ground if name == "accent" else text
        raise ValueError(f"{name}: contrast of {LEAST_CONTRAST} with {other}; found {found:.1f}")


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(int(colour[n : n + 2], 16) / 255) for n in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    return float(channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4)
