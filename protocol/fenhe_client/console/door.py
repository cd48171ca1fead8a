"""By what one comes into a console, and whose site stands around its pages."""

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import jinja2

from fenhe_client.console.attempts import Attempts
from fenhe_client.console.sessions import Session, Sessions


class Section(NamedTuple):
    """One tab; `also` are the paths of other pages that stand in it."""

    path: str
    zh: str
    en: str
    also: tuple[str, ...] = ()


@dataclass(frozen=True)
class Site:
    """What the frame of every page says: whose console it is, its tabs, the line at its foot."""

    name: str
    origin: str
    note_zh: str
    note_en: str
    sections: tuple[Section, ...] = ()
    public: str = ""  # the address of the pages for everyone
    public_name: str = ""


def _nobody_is_told(what: str, name: str, peer: str) -> None:
    pass


@dataclass(frozen=True)
class Door:
    """What all that guards a console works with. `stamp` of a name that may not come in is ""."""

    origin: str  # names the cookie
    folder: Path  # the home; files of a form lie there for a moment
    passwords: Path  # the file of them
    now: Callable[[], int]  # POSIX seconds
    templates: jinja2.Environment
    must_sign_in: Callable[[], bool]
    stamp: Callable[[str], str]  # what else than the cookie a session stands on
    site: Callable[[str], Site]  # for an account; "": for whoever has not signed in
    log: logging.Logger
    forgotten: str  # the command that sets a password
    loopback: bool = True  # bound to this machine alone
    ways: tuple[tuple[str, str], ...] = ()  # (path, name) of other ways to sign in
    told: Callable[[str, str, str], None] = _nobody_is_told  # `in`, `out`, `wrong`; who; from where
    sessions: Sessions = field(default_factory=Sessions)
    attempts: Attempts = field(default_factory=Attempts)

    def site_for(self, session: Session) -> Site:
        """The site as this session sees it."""
        return self.site(session.who)


def shown(sections: Iterable[Section], paths: Iterable[str]) -> tuple[Section, ...]:
    """The tabs of which the path has a route."""
    there = set(paths)
    return tuple(section for section in sections if section.path in there)


def here(sections: Iterable[Section], path: str) -> str:
    """The path of the tab in which a page stands; "" for a page in none."""
    inside = [
        (len(each), section.path)
        for section in sections
        for each in (section.path, *section.also)
        if path == each or (each != "/" and path.startswith(f"{each}/"))
    ]
    return max(inside, default=(0, ""))[1]
