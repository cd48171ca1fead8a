"""What the unit's staff types about an order, on the console or in a terminal, as values. Pure.

Times are local and written `2026-11-23T09:30`, money in yuan; InputError says what is wrong.
"""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation

from fenhe_node.orders.finishing import Done
from fenhe_node.orders.record import local_time
from fenhe_node.orders.wish import WAYS
from fenhe_protocol.errors import InputError
from fenhe_protocol.typed_text import clean, is_plain

LONGEST_TEXT = 1000
MOST_MINUTES = 527_040
MOST_SAMPLES = 10_000_000
MOST_FEN = 10**13
Form = Mapping[str, str]


def read_done(form: Form, offset_minutes: int) -> Done:
    """What was done: begin, end, minutes, yuan; samples, way, fee_line, agreement if told."""
    way = form.get("way", "")
    return Done(
        begin=read_time(form, "begin", offset_minutes),
        end=read_time(form, "end", offset_minutes),
        minutes=_count(form, "minutes", MOST_MINUTES),
        fen=_fen(form.get("yuan", "")),
        samples=_count(form, "samples", MOST_SAMPLES),
        way=int(way) if way in WAYS else 0,
        fee_line=form.get("fee_line", ""),
        agreement={"yes": True, "no": False}.get(form.get("agreement", "")),
    )


def read_words(value: str) -> str:
    """Words for the applicant."""
    text = clean(value)
    if len(text) > LONGEST_TEXT or not is_plain(text):
        raise InputError("order.words", expected=f"≤ {LONGEST_TEXT}", found=str(len(text)))
    return text


def read_time(form: Form, name: str, offset_minutes: int) -> int:
    """POSIX seconds."""
    text = form.get(name, "")
    try:
        return local_time(text, offset_minutes)
    except ValueError as error:
        raise InputError("order.time", expected="2026-11-23T09:30", found=text) from error


def _count(form: Form, name: str, most: int) -> int:
    text = form.get(name, "") or "0"
    if not (text.isascii() and text.isdigit() and len(text) <= 9 and int(text) <= most):
        raise InputError("order.number", where=name, expected=f"0–{most:,}", found=text)
    return int(text)


def _fen(text: str) -> int:
    try:
        fen = Decimal(text or "0") * 100
        if not (0 <= fen <= MOST_FEN and fen == fen.to_integral_value()):
            raise InvalidOperation
    except InvalidOperation as error:
        raise InputError("order.money", expected="300.50", found=text) from error
    return int(fen)
