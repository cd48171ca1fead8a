"""A small OpenID Connect provider on a real socket: it signs as it should, or as a test wants."""

import hashlib
from base64 import b64decode, urlsafe_b64encode
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import orjson
from aiohttp import web
from aiohttp.test_utils import TestServer
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

CLIENT, SECRET = "fenhe-console", "示例-secret"
RSA_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
EC_KEY = ec.generate_private_key(ec.SECP256R1())


def b64(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def number(value: int) -> str:
    return b64(value.to_bytes((value.bit_length() + 7) // 8, "big"))


def jwks() -> list[dict[str, str]]:
    """The public keys, and one for another use."""
    told, point = RSA_KEY.public_key().public_numbers(), EC_KEY.public_key().public_numbers()
    of_rsa = {"kty": "RSA", "kid": "r", "use": "sig", "n": number(told.n), "e": number(told.e)}
    x, y = (b64(each.to_bytes(32, "big")) for each in (point.x, point.y))
    of_ec = {"kty": "EC", "kid": "e", "crv": "P-256", "x": x, "y": y}
    return [of_rsa | {"kid": "enc", "use": "enc"}, of_rsa, of_ec]


def signed(claims: Mapping[str, Any], algorithm: str = "RS256", kid: str = "") -> str:
    """A token; of an algorithm that is none of ours it is signed with nothing."""
    header = {"alg": algorithm, "kid": kid or algorithm[0].lower()}
    text = ".".join(b64(orjson.dumps(each)) for each in (header, claims))
    return f"{text}.{b64(_signature(text.encode(), algorithm))}"


def _signature(text: bytes, algorithm: str) -> bytes:
    if algorithm == "RS256":
        return RSA_KEY.sign(text, padding.PKCS1v15(), SHA256())
    if algorithm == "ES256":
        r, s = decode_dss_signature(EC_KEY.sign(text, ec.ECDSA(SHA256())))
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")
    return b""


@dataclass
class Issuer:
    """The provider; `name` is who sits before it, `spoil` changes what it signs."""

    now: int
    url: str = ""
    name: str = "viewer"
    algorithm: str = "RS256"
    spoil: dict[str, Any] = field(default_factory=dict)
    asked: dict[str, Mapping[str, str]] = field(default_factory=dict)  # by code

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_get("/.well-known/openid-configuration", self._told)
        app.router.add_get("/authorize", self._authorize)
        app.router.add_post("/token", self._token)
        app.router.add_get("/keys", self._keys)
        return app

    async def _told(self, request: web.Request) -> web.Response:
        return web.json_response(
            {
                "issuer": self.url,
                "authorization_endpoint": f"{self.url}/authorize",
                "token_endpoint": f"{self.url}/token",
                "jwks_uri": f"{self.url}/keys",
            }
        )

    async def _keys(self, request: web.Request) -> web.Response:
        return web.json_response({"keys": jwks()})

    async def _authorize(self, request: web.Request) -> web.Response:
        assert request.query["response_type"] == "code" and "openid" in request.query["scope"]
        code = f"code-{len(self.asked)}"
        self.asked[code] = dict(request.query)
        back = urlencode({"code": code, "state": request.query["state"]})
        return web.Response(
            status=302, headers={"Location": f"{request.query['redirect_uri']}?{back}"}
        )

    async def _token(self, request: web.Request) -> web.Response:
        form = await request.post()
        asked = self.asked.pop(str(form["code"]), None)
        _, _, pair = request.headers["Authorization"].partition(" ")
        secret = b64decode(pair).decode()
        verifier = hashlib.sha256(str(form["code_verifier"]).encode()).digest()
        if (
            asked is None
            or not secret.startswith(f"{CLIENT}:")
            or b64(verifier) != asked["code_challenge"]
            or form["redirect_uri"] != asked["redirect_uri"]
        ):
            return web.json_response({"error": "invalid_grant"}, status=400)
        claims = {"iss": self.url, "aud": CLIENT, "sub": "1", "nonce": asked["nonce"]}
        claims |= {"preferred_username": self.name, "iat": self.now, "exp": self.now + 300}  # type: ignore[dict-item]
        token = signed(claims | self.spoil, self.algorithm)
        return web.json_response({"id_token": token, "token_type": "Bearer"})


@asynccontextmanager
async def issuing(now: int) -> AsyncIterator[Issuer]:
    """A provider that answers."""
    issuer = Issuer(now)
    async with TestServer(issuer.app()) as server:
        issuer.url = str(server.make_url("")).rstrip("/")
        yield issuer
