"""What is fetched of a provider: its addresses, its keys, and a token for a code. `Provider`."""

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus, urlencode, urlsplit

import orjson

from fenhe_client.fetching.addresses import PRIVATE_TOO, PUBLIC_ONLY, Reach
from fenhe_client.fetching.fetch import Web
from fenhe_client.fetching.posting import Letter, send
from fenhe_hub.sign_on.settings import SignOnSettings
from fenhe_protocol.errors import Deferred, Refused, RequestError, SetupError

WELL_KNOWN = "/.well-known/openid-configuration"
MOST_BYTES = 256 * 1024
_FORM = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the provider answers what."""

    authorization: str
    token: str
    keys: str


class Provider:
    """One provider, asked afresh in each sign-in: keys change, and people sign in seldom."""

    def __init__(self, settings: SignOnSettings, home: Path) -> None:
        self._settings, self._home = settings, home

    async def addresses(self) -> Addresses:
        """Its own description; RequestError 502 `sign_on.provider`."""
        issuer = self._settings.issuer.rstrip("/")
        told = await self._answered(Letter("GET", f"{issuer}{WELL_KNOWN}"))
        if told.get("issuer") != self._settings.issuer:
            raise _wrong("issuer", str(told.get("issuer", "")))
        found = [
            self._address(told, name)
            for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")
        ]
        return Addresses(*found)

    async def keys(self, addresses: Addresses) -> list[Mapping[str, Any]]:
        """The keys it signs with."""
        found = (await self._answered(Letter("GET", addresses.keys))).get("keys")
        if not isinstance(found, list):
            raise _wrong("jwks_uri", "keys")
        return [key for key in found if isinstance(key, dict)]

    async def token_for(self, addresses: Addresses, code: str, verifier: str) -> str:
        """The ID token that a code stands for; RequestError 502."""
        settings = self._settings
        fields = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": settings.redirect_uri,
            "code_verifier": verifier,
        }
        headers = dict(_FORM)
        if settings.client_secret_file:
            pair = f"{quote_plus(settings.client_id)}:{quote_plus(self._secret())}"
            headers["Authorization"] = f"Basic {b64encode(pair.encode()).decode()}"
        else:
            fields["client_id"] = settings.client_id
        body = urlencode(fields).encode()
        told = await self._answered(Letter("POST", addresses.token, body, headers))
        token = told.get("id_token")
        if not isinstance(token, str):
            raise _wrong("token_endpoint", str(told.get("error", "id_token"))[:80])
        return token

    def _secret(self) -> str:
        file = self._home / self._settings.client_secret_file
        try:
            return file.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise SetupError("setup.value", where="client_secret_file", found=str(error)) from error

    def _address(self, told: Mapping[str, Any], name: str) -> str:
        found = told.get(name)
        schemes = ("https", "http") if self._settings.private else ("https",)
        if not isinstance(found, str) or urlsplit(found).scheme not in schemes:
            raise _wrong(name, str(found)[:80])
        return found

    async def _answered(self, letter: Letter) -> dict[str, Any]:
        reach: Reach = PRIVATE_TOO if self._settings.private else PUBLIC_ONLY
        try:
            async with Web() as web:
                reply = await send(web, letter, reach=reach, limit=MOST_BYTES)
            told = orjson.loads(reply.body)
        except (Deferred, Refused, ValueError) as error:
            raise _wrong(letter.address, type(error).__name__) from error
        if not isinstance(told, dict):
            raise _wrong(letter.address, str(reply.status))
        return told


def _wrong(where: str, found: str) -> RequestError:
    return RequestError("sign_on.provider", status=502, where=where, found=found)
