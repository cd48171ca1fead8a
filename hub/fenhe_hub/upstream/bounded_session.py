"""HTTP to the national platform under limits: so many bytes an answer, so many seconds in all.

`requests` alone limits each pause and nothing else: a server that never ends would hold its caller,
or take all memory.
"""

import time
from typing import Any

import requests
from urllib3.exceptions import HTTPError

MOST_BYTES = 4 * 1024 * 1024  # an answer is one number in an envelope, a WSDL some ten kilobytes
_PIECE = 64 * 1024


class BoundedSession(requests.Session):
    """A session whose answers are whole or a `requests.RequestException`."""

    def __init__(self, seconds: float, most: int = MOST_BYTES) -> None:
        super().__init__()
        self._seconds, self._most = seconds, most
        self.trust_env = False
        self.max_redirects = 0  # what names people goes to no address but the one set

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:
        """Send, and read the answer to its end."""
        deadline = time.monotonic() + self._seconds
        response = super().send(request, **{**kwargs, "stream": True})
        with response:
            try:
                response._content = self._read(response, deadline)
            except HTTPError as error:
                raise requests.ConnectionError(str(error)) from error
        return response

    def _read(self, response: requests.Response, deadline: float) -> bytes:
        said = b""
        # As much as is there: to ask for a whole piece would wait for the last byte of it.
        while piece := response.raw.read1(_PIECE, decode_content=True):
            said += piece
            if len(said) > self._most:
                raise requests.RequestException(f"an answer of over {self._most} bytes")
            if time.monotonic() > deadline:
                raise requests.Timeout(f"no whole answer in {self._seconds:g} s")
        return said
