"""Of which home a line of the log speaks: a fact of every line that is written for one."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_HOME: ContextVar[str] = ContextVar("home", default="")


@contextmanager
def speaking_of(home: str) -> Iterator[None]:
    """Whatever is logged inside, and by tasks and threads begun inside, is of this home."""
    token = _HOME.set(home)
    try:
        yield
    finally:
        _HOME.reset(token)


class Named(logging.Filter):
    """Adds the home's name to the facts of a record; for a handler."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let everything pass."""
        if name := _HOME.get():
            record.facts = {"home": name, **getattr(record, "facts", {})}
        return True
