"""The template environment: autoescape on, and the few words that templates make themselves."""

from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from importlib import resources

from jinja2 import Environment, PackageLoader, StrictUndefined

from fenhe_hub.api.labels import (
    Pair,
    class_label,
    facet_label,
    kind_label,
    source_label,
    state_label,
)
from fenhe_protocol.encoding import format_time

STATIC = {"style.css": "text/css", "icon.svg": "image/svg+xml"}

_STEPS = ((60, "秒", "s"), (60, "分钟", "min"), (24, "小时", "h"))


@cache
def environment() -> Environment:
    """The one environment of all pages."""
    made = Environment(
        loader=PackageLoader("fenhe_hub.portal"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {"age": age, "when": when, "source": source_label, "state": state_label}
    made.filters |= {"kind": kind_label, "class_name": class_label}
    made.globals |= {"label": facet_label, "asset": asset, "pair": Pair}
    return made


def age(seconds: int) -> Pair:
    """How long ago, in the largest unit that says it."""
    count = seconds
    for size, zh, en in _STEPS:
        if count < size:
            return Pair(f"{count} {zh}前", f"{count} {en} ago")
        count //= size
    return Pair(f"{count} 天前", f"{count} d ago")


def when(time: str) -> str:
    """A time as people write it: date and minutes at UTC+8, where everything here happens."""
    return time[:16].replace("T", " ")


def now_text(now: int) -> str:
    """The time a page was made."""
    return when(format_time(now))


@cache
def _assets() -> Mapping[str, bytes]:
    folder = resources.files("fenhe_hub.portal") / "static"
    return {name: (folder / name).read_bytes() for name in STATIC}


def asset_bytes(name: str) -> bytes | None:
    """A file of `static/`, if there is one of that name."""
    return _assets().get(name)


def asset(name: str) -> str:
    """The path of a static file below the base; it changes with the file."""
    return f"/static/{name}?v={sha256(_assets()[name]).hexdigest()[:12]}"
