"""What a root document says (feed §5): the value, and how it is read from its text.

Nothing here asks who signed; `root_document` does and is where to start.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from fenhe_protocol.checkpoint import KeyRange
from fenhe_protocol.encoding import b64_decode, b64_encode, parse_time
from fenhe_protocol.errors import Refused
from fenhe_protocol.identifiers import check_uscc
from fenhe_protocol.keys import COSIGNATURE, ED25519, VerifierKey, check_ed25519, check_x25519
from fenhe_protocol.leaf import split_log_name
from fenhe_protocol.limits import DEFAULTS, LARGEST_SIZE
from fenhe_protocol.origin import check_origin
from fenhe_protocol.strict_json import loads

HEAD_LINE = b"fenhe/root/v1"

_URL = re.compile(
    r"(https?)://([A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?"
    r"(?:/[A-Za-z0-9._~!$&'()*+,;=:@%/-]*)?"
)
_LOOPBACK = re.compile(r"localhost|127(?:\.[0-9]{1,3}){3}|\[::1\]")
_MIRROR = "/m"
_HASH = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class LogEnd:
    """The last head of an ended log that counts (feed §11)."""

    size: int
    root: bytes


@dataclass(frozen=True, slots=True)
class LogKeys:
    """One log of a unit: its name below the unit origin and the keys that sign its heads."""

    name: str
    keys: tuple[KeyRange, ...]
    end: LogEnd | None = None


@dataclass(frozen=True, slots=True)
class RootDocument:
    """One root document. `url` has no slash at the end, `time` is POSIX seconds.

    `purposes` says what each key of this and of all earlier documents is for; `raw` is the note.
    `former_cosigners` are those of earlier documents, each up to the time of the next one.
    """

    n: int
    prev: str | None
    origin: str
    unit: str
    url: str
    time: int
    root: tuple[bytes, ...]
    threshold: int
    logs: tuple[LogKeys, ...]
    request: tuple[bytes, ...]
    cosign: VerifierKey | None
    seal: bytes | None
    text: bytes
    raw: bytes
    purposes: Mapping[bytes, str]
    former_cosigners: tuple[VerifierKey, ...] = ()

    @property
    def cosigners(self) -> tuple[VerifierKey, ...]:
        """All keys whose cosignatures count, the present one first: receipts outlive a rotation."""
        return (*((self.cosign,) if self.cosign else ()), *self.former_cosigners)

    def log(self, name: str) -> LogKeys | None:
        """The log of this name (`catalogue`, `usage.2`), if listed."""
        return next((log for log in self.logs if log.name == name), None)

    @property
    def verifier_keys(self) -> dict[str, str]:
        """The verifier key of each log that is not ended, by its origin: what `fenhe verify` asks.

        Where a log has several keys it is the newest.
        """
        return {
            name: VerifierKey(name, ED25519, log.keys[-1].public).text
            for log in self.logs
            if log.end is None and log.keys
            for name in [f"{self.origin}/{log.name}"]
        }


def read_root_text(text: bytes, *, allow_loopback_http: bool = False) -> RootDocument:
    """Read the two lines of a root document; Refused `root.form`, `root.purpose` or `key.*`."""
    members = _members(text)
    if missing := _REQUIRED - members.keys():
        raise _wrong(min(missing), "missing")
    values = {"cosign": None, "seal": None} | {
        name: _read(name, value) for name, value in members.items()
    }
    origin, cosign = values["origin"], values["cosign"]
    if cosign is not None and cosign.name != cosigner_name(origin):
        raise _wrong("cosign", cosign.name)
    if not _is_url(values["url"], allow_loopback_http):
        raise _wrong("url", values["url"])
    values["url"] = values["url"].rstrip("/")
    document = RootDocument(**values, text=text, raw=b"", purposes=_purposes(values))
    _check_whole(document)
    return document


def cosigner_name(hub_origin: str) -> str:
    """The name under which a hub's mirror cosigns (feed §9)."""
    return f"{hub_origin}{_MIRROR}"


def is_mirror(cosigner: str) -> bool:
    """Whether who has this name attests to hold what it cosigns; a witness holds nothing."""
    return cosigner.endswith(_MIRROR)


def _members(text: bytes) -> dict[str, Any]:
    lines = text.split(b"\n")
    if len(lines) != 3 or lines[0] != HEAD_LINE or lines[2]:
        raise _wrong("text", "not the two lines of a root document")
    try:
        return loads(lines[1])
    except ValueError as error:
        raise _wrong("text", str(error)) from error


def _read(name: str, value: Any) -> Any:
    if name not in _READERS:
        raise _wrong(name, "a member that root documents do not have")
    try:
        return _READERS[name](value)
    except ValueError as error:
        raise _wrong(name, str(error)) from error


def _check_whole(document: RootDocument) -> None:
    if (document.n == 1) != (document.prev is None):
        raise _wrong("prev", document.prev or "null")
    if document.threshold > len(set(document.root)):
        raise _wrong("threshold", str(document.threshold))
    names = [log.name for log in document.logs]
    if len(set(names)) != len(names):
        raise _wrong("logs", "a log twice")


def _wrong(member: str, found: str) -> Refused:
    return Refused("root.form", where=member, found=found)


def _purposes(values: Mapping[str, Any]) -> dict[bytes, str]:
    cosign: VerifierKey | None = values["cosign"]
    logs: tuple[LogKeys, ...] = values["logs"]
    return merge_purposes(
        [
            *((key, "root") for key in values["root"]),
            *((key.public, "log") for log in logs for key in log.keys),
            *((key, "request") for key in values["request"]),
            *([(cosign.public, "cosign")] if cosign else []),
        ]
    )


def merge_purposes(pairs: Iterable[tuple[bytes, str]]) -> dict[bytes, str]:
    """Collect what each key is for; Refused `root.purpose` where one has two purposes."""
    purposes: dict[bytes, str] = {}
    for key, purpose in pairs:
        if purposes.setdefault(key, purpose) != purpose:
            raise Refused(
                "root.purpose", where=b64_encode(key), expected=purposes[key], found=purpose
            )
    return purposes


def _is_url(text: str, allow_loopback_http: bool) -> bool:
    match = _URL.fullmatch(text)
    if match is None:
        return False
    return match[1] == "https" or (
        allow_loopback_http and _LOOPBACK.fullmatch(match[2]) is not None
    )


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("not a text")
    return value


def _number(value: Any, least: int, largest: int) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= largest:
        raise ValueError(f"not an integer from {least} to {largest}")
    return value


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise ValueError("not a list")
    return value


def _object(value: Any, required: set[str], optional: frozenset[str] = frozenset()) -> Any:
    if not isinstance(value, dict) or not required <= value.keys() <= required | optional:
        raise ValueError(f"not an object of {', '.join(sorted(required | optional))}")
    return value


def _key(value: Any) -> bytes:
    return check_ed25519(b64_decode(_text(value), size=32))


def _keys(value: Any) -> tuple[bytes, ...]:
    return tuple(_key(item) for item in _list(value))


def _logs(value: Any) -> tuple[LogKeys, ...]:
    return tuple(_log(item) for item in _list(value))


def _log(value: Any) -> LogKeys:
    members = _object(value, {"name", "keys"}, frozenset({"end"}))
    split_log_name(_text(members["name"]))
    keys = tuple(_range(item) for item in _list(members["keys"]))
    if len({key.public for key in keys}) != len(keys):
        raise ValueError("a key twice in one log")
    end = _end(members["end"]) if "end" in members else None
    return LogKeys(members["name"], keys, end)


def _range(value: Any) -> KeyRange:
    members = _object(value, {"key", "from"}, frozenset({"to"}))
    start = _number(members["from"], 0, LARGEST_SIZE)
    end = _number(members["to"], start + 1, LARGEST_SIZE) if "to" in members else None
    return KeyRange(_key(members["key"]), start, end)


def _end(value: Any) -> LogEnd:
    members = _object(value, {"size", "root"})
    size = _number(members["size"], 0, LARGEST_SIZE)
    return LogEnd(size, b64_decode(_text(members["root"]), size=32))


def _cosign(value: Any) -> VerifierKey:
    members = _object(value, {"name", "key"})
    return VerifierKey(_text(members["name"]), COSIGNATURE, _key(members["key"]))


def _prev(value: Any) -> str | None:
    if value is None:
        return None
    if not _HASH.fullmatch(text := _text(value)):
        raise ValueError("not a hex SHA-256")
    return text


def _unit(value: Any) -> str:
    check_uscc(unit := _text(value))
    return unit


_READERS: Mapping[str, Callable[[Any], Any]] = {
    "n": lambda value: _number(value, 1, DEFAULTS.root_documents),
    "prev": _prev,
    "origin": lambda value: check_origin(_text(value)),
    "unit": _unit,
    "url": _text,
    "time": lambda value: parse_time(_text(value)),
    "root": _keys,
    "threshold": lambda value: _number(value, 1, LARGEST_SIZE),
    "logs": _logs,
    "request": _keys,
    "cosign": _cosign,
    "seal": lambda value: check_x25519(b64_decode(_text(value), size=32)),
}
_REQUIRED = _READERS.keys() - {"cosign", "seal"}
