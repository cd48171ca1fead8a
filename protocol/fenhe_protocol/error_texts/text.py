"""A sentence as everyone gets it: in Chinese first."""

from typing import NamedTuple


class Text(NamedTuple):
    """One sentence in two languages, without a full stop."""

    zh: str
    en: str
