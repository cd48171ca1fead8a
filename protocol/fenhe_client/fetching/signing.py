"""Requests signed as we ask (feed §8): the key in hand, this second, a nonce never used before."""

import os
from collections.abc import Callable

from fenhe_client.fetching.fetch import Signer
from fenhe_protocol.keys import SigningKey
from fenhe_protocol.request import sign_request


def request_signer(key: SigningKey, now: Callable[[], int]) -> Signer:
    """Sign requests without content; `now` gives POSIX seconds."""

    def sign(method: str, uri: str) -> dict[str, str]:
        nonce = os.urandom(16)
        return sign_request(method=method, uri=uri, body=None, key=key, now=now(), nonce=nonce)

    return sign
