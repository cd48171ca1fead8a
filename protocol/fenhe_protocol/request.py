"""Signed requests (RFC 9421 as feed §8 narrows it): who asks, proven for each request.

`sign_request` makes the headers, `RequestVerifier` judges them; their syntax is read by http-sfv.
"""

import hashlib
from collections.abc import Mapping

from http_sfv.dictionary import Dictionary
from http_sfv.item import InnerList, Item

from fenhe_protocol.encoding import b64_encode, b64u_decode, b64u_encode, format_time
from fenhe_protocol.errors import RequestError
from fenhe_protocol.keys import SigningKey, verify_ed25519

MOST_SECONDS_APART = 300
NONCE_SECONDS = 600
MOST_NONCES = 100_000  # of one key; over 160 requests a second for all of the ten minutes

_LABEL = "fenhe"
_TAG = "fenhe/v1"
_PARAMETERS = {"created", "keyid", "nonce", "tag"}
_LONGEST_HEADER = 1024
_NONCE_BYTES = 16


def key_id(public: bytes) -> str:
    """`keyid` of a request key: the hex SHA-256 of its 32 bytes."""
    return hashlib.sha256(public).hexdigest()


def sign_request(
    *, method: str, uri: str, body: bytes | None, key: SigningKey, now: int, nonce: bytes
) -> dict[str, str]:
    """Return the headers that sign this request; `nonce` is 16 random bytes, never used again."""
    digest = content_digest(body) if body else None
    # Written by hand, for a long visit signs many: no value here has a character to be escaped.
    names = " ".join([f'"{name}"' for name in _components(digest)])
    covered = (
        f'({names});created={now};keyid="{key_id(key.public)}"'
        f';nonce="{b64u_encode(nonce)}";tag="{_TAG}"'
    )
    signature = b64_encode(key.sign(_base(method, uri, digest, covered)))
    headers = {"Content-Digest": digest} if digest else {}
    return headers | {
        "Signature-Input": f"{_LABEL}={covered}",
        "Signature": f"{_LABEL}=:{signature}:",
    }


def content_digest(body: bytes) -> str:
    """The `Content-Digest` header of these bytes (RFC 9530)."""
    return f"sha-256={Item(hashlib.sha256(body).digest())}"


def _components(digest: str | None) -> list[str]:
    return ["@method", "@target-uri", *(["content-digest"] if digest else [])]


def _base(method: str, uri: str, digest: str | None, covered: InnerList | str) -> bytes:
    lines = [f'"@method": {method}', f'"@target-uri": {uri}']
    if digest:
        lines.append(f'"content-digest": {digest}')
    lines.append(f'"@signature-params": {covered}')
    # Bytes that are no UTF-8 were read from a stranger's head so that they come out again.
    return "\n".join(lines).encode("utf-8", "surrogateescape")


class RequestVerifier:
    """Judges signed requests against the enrolled keys, read anew from `keys` at each request."""

    def __init__(self, keys: Mapping[str, bytes]) -> None:
        self._keys = keys
        self._nonces: dict[str, dict[str, int]] = {}

    def verify(
        self, method: str, uri: str, headers: Mapping[str, str], body: bytes | None, now: int
    ) -> str:
        """Return the keyid that signed; RequestError with status 401 and `request.*`.

        `uri` is built from the configured public address; `headers` may repeat a name.
        """
        digest = content_digest(body) if body else None
        return self.verify_head(method, uri, headers, digest, now)

    def verify_head(
        self, method: str, uri: str, headers: Mapping[str, str], digest: str | None, now: int
    ) -> str:
        """As `verify`, before the content is read: whoever calls holds it against `digest` then."""
        covered = _parse_input(_header(headers, "signature-input"))
        keyid, nonce = covered.params["keyid"], covered.params["nonce"]
        _check_clock(covered.params["created"], now)
        _check_content(covered, digest, _header(headers, "content-digest", needed=False))
        public = self._keys.get(keyid)
        if public is None:
            raise _denied("request.key", found=keyid)
        signature = _parse_signature(_header(headers, "signature"))
        if not verify_ed25519(public, signature, _base(method, uri, digest, covered)):
            raise _denied("request.signature", where=f"{method} {uri}")
        self._remember(keyid, nonce, now)
        return str(keyid)

    def _remember(self, keyid: str, nonce: str, now: int) -> None:
        seen = self._nonces.setdefault(keyid, {})
        _forget(seen, now)
        if nonce in seen:
            raise _denied("request.nonce", found=nonce)
        if len(seen) >= MOST_NONCES:
            # Forgetting one early would let it be used again, so the key must wait instead.
            raise _denied("request.busy", found=keyid)
        seen[nonce] = now


def _forget(seen: dict[str, int], now: int) -> None:
    # Nonces stand in the order in which they were seen, so the old ones are in front.
    old = []
    for nonce, at in seen.items():
        if now - at <= NONCE_SECONDS:
            break
        old.append(nonce)
    for nonce in old:
        del seen[nonce]


def _header(headers: Mapping[str, str], name: str, *, needed: bool = True) -> str:
    # A name that stands twice is one value joined by commas (RFC 9110 §5.2), and so is refused.
    values = [value.strip(" \t") for header, value in headers.items() if header.lower() == name]
    if needed and not values:
        raise _denied("request.unsigned", where=name)
    return ", ".join(values)


def _parse_input(text: str) -> InnerList:
    covered = _one_member(text)
    if not isinstance(covered, InnerList) or covered.params.keys() != _PARAMETERS:
        raise _form("Signature-Input", "created, keyid, nonce, tag", text)
    # The parser keeps the last of two equal names; four semicolons leave no room for a second.
    if text.count(";") != len(_PARAMETERS) or not _good_parameters(covered.params):
        raise _form("Signature-Input", "each parameter once and of its type", text)
    return covered


def _parse_signature(text: str) -> bytes:
    item = _one_member(text)
    if not isinstance(item, Item) or not isinstance(item.value, bytes):
        raise _form("Signature", "bytes", text)
    # In base64 too, what does not encode to itself again is refused.
    if text != f"{_LABEL}={Item(item.value)}":
        raise _form("Signature", f"{_LABEL}=:…:", text)
    return item.value


def _one_member(text: str) -> InnerList | Item:
    members = Dictionary()
    try:
        if len(text) > _LONGEST_HEADER:
            raise ValueError("too long")
        members.parse(text.encode("ascii"))
    except ValueError as error:
        raise _form("Signature", "a structured field", text) from error
    if list(members) != [_LABEL] or "," in text:
        raise _form("Signature", f"one member {_LABEL}", text)
    member: InnerList | Item = members[_LABEL]
    return member


def _good_parameters(params: Mapping[str, object]) -> bool:
    created, keyid, nonce = params["created"], params["keyid"], params["nonce"]
    return (
        type(created) is int
        and type(keyid) is str
        and type(nonce) is str
        and type(params["tag"]) is str
        and params["tag"] == _TAG
        and _is_nonce(nonce)
    )


def _is_nonce(text: str) -> bool:
    try:
        return len(b64u_decode(text)) == _NONCE_BYTES
    except ValueError:
        return False


def _check_clock(created: int, now: int) -> None:
    if abs(created - now) > MOST_SECONDS_APART:
        raise _denied(
            "request.clock",
            expected=f"{format_time(now)} ± {MOST_SECONDS_APART} s",
            found=str(created),
        )


def _check_content(covered: InnerList, digest: str | None, sent: str) -> None:
    names = [item.value for item in covered]
    if names != _components(digest) or not all(type(name) is str for name in names):
        raise _denied("request.components", expected=str(_components(digest)), found=str(names))
    if digest is not None and sent != digest:
        raise _denied("request.digest", expected=digest, found=sent)


def _form(where: str, expected: str, found: str) -> RequestError:
    return _denied("request.form", where=where, expected=expected, found=found)


def _denied(code: str, *, where: str = "", expected: str = "", found: str = "") -> RequestError:
    return RequestError(code, status=401, where=where, expected=expected, found=found)
