"""One sign-in by the provider, from its beginning to the name that it proves. Start at `Flow`."""

import hashlib
import secrets
from base64 import urlsafe_b64encode
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

from fenhe_hub.sign_on.id_token import Expected, read_id_token
from fenhe_hub.sign_on.provider import Addresses, Provider
from fenhe_hub.sign_on.settings import SignOnSettings
from fenhe_protocol.errors import RequestError

PATIENCE_SECONDS = 600
MOST = 1000
_LONGEST_CODE = 4096


@dataclass(frozen=True, slots=True)
class Begun:
    """What only we and the browser's session know of a sign-in."""

    session: str
    nonce: str
    verifier: str
    path: str  # where to go on in the console
    at: int
    addresses: Addresses


class Flow:
    """The sign-ins under way, kept in this process alone: a restart ends them all."""

    def __init__(self, settings: SignOnSettings, home: Path) -> None:
        self._settings, self._provider = settings, Provider(settings, home)
        self._begun: OrderedDict[str, Begun] = OrderedDict()

    async def begin(self, session: str, path: str, now: int) -> str:
        """Where to send the browser."""
        addresses = await self._provider.addresses()
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        self._begun[state] = Begun(session, nonce, verifier, path, now, addresses)
        while len(self._begun) > MOST:
            self._begun.popitem(last=False)
        asked = {
            "response_type": "code",
            "client_id": self._settings.client_id,
            "redirect_uri": self._settings.redirect_uri,
            "scope": "openid profile",
            "state": state,
            "nonce": nonce,
            "code_challenge": challenge_of(verifier),
            "code_challenge_method": "S256",
        }
        joint = "&" if "?" in addresses.authorization else "?"
        return f"{addresses.authorization}{joint}{urlencode(asked)}"

    async def end(self, session: str, state: str, code: str, now: int) -> tuple[str, str]:
        """Whom the code proves, and where to go on; good once, for the session that began it.

        RequestError 403 `sign_on.state`, `sign_on.token`, 502 `sign_on.provider`.
        """
        begun = self._begun.pop(state, None)
        if begun is None or begun.session != session or now - begun.at > PATIENCE_SECONDS:
            raise RequestError("sign_on.state", status=403)
        if not code or len(code) > _LONGEST_CODE:
            raise RequestError("sign_on.token", status=403, where="code")
        token = await self._provider.token_for(begun.addresses, code, begun.verifier)
        keys = await self._provider.keys(begun.addresses)
        settings = self._settings
        expected = Expected(settings.issuer, settings.client_id, begun.nonce, now)
        claims = read_id_token(token, keys, expected)
        name = claims.get(settings.account_claim)
        if not isinstance(name, str) or not name:
            raise RequestError("sign_on.token", status=403, where=settings.account_claim)
        return name, begun.path


def challenge_of(verifier: str) -> str:
    """What is shown of a verifier before it is (RFC 7636, S256)."""
    return urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
