"""The WSDL and all that it imports, fetched from the platform's own server and nowhere else.

A WSDL may name schemas at any address, in files of this machine, or one behind another without end.
The path is its to say; the server is the one that the operator set.
"""

import time
from collections.abc import Callable
from urllib.parse import urlsplit, urlunsplit

import requests
from zeep.transports import Transport

MOST_FILES = 32  # a real one imports a handful


class PlatformTransport(Transport):
    """How zeep asks; `home` is the address of the WSDL, `seconds` what all its files may take."""

    def __init__(
        self,
        home: str,
        session: requests.Session,
        seconds: int,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(  # type: ignore[no-untyped-call]
            session=session, timeout=seconds, operation_timeout=seconds
        )
        self._home, self._seconds, self._clock = home, seconds, clock
        self._deadline: float | None = None
        self._left = MOST_FILES

    def load(self, url: str) -> bytes:
        """The bytes of one file; requests.RequestException for what is not to be had there."""
        if urlsplit(url).scheme not in ("http", "https"):
            raise requests.exceptions.InvalidSchema(f"a WSDL may name no file: {url}")
        self._count()
        content: bytes = super().load(  # type: ignore[no-untyped-call]
            at_home(url, self._home, query=True)
        )
        return content

    def _count(self) -> None:
        if self._deadline is None:
            self._deadline = self._clock() + self._seconds
        if not self._left or self._clock() > self._deadline:
            raise requests.RequestException(f"a WSDL of over {MOST_FILES} files, or too slow")
        self._left -= 1


def at_home(named: str, home: str, *, query: bool = False) -> str:
    """This address at the server of `home`: the path is the WSDL's to say, the server is not.

    Behind a proxy such servers often name themselves by http or by an inner name, and what names
    people goes to no server but the one set.
    """
    ours, theirs = urlsplit(home), urlsplit(named)
    asked = theirs.query if query else ""
    return urlunsplit((ours.scheme, ours.netloc, theirs.path or ours.path, asked, ""))
