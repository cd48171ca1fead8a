"""What a form sends: its fields and files, read with bounds, its token checked before any file.

Files lie in a private folder of the home until the handler has answered.
"""

import hmac
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from urllib.parse import parse_qsl

from aiohttp import BodyPartReader, MultipartReader, web
from aiohttp.http_exceptions import HttpProcessingError
from multidict import MultiDict

from fenhe_client.stored.own_folder import own_folder
from fenhe_protocol.errors import InputError, RequestError

TOKEN = "token"
LARGEST_FIELDS = 4 * 1024 * 1024  # bytes of all fields together
LARGEST_OF_STRANGERS = 16 * 1024  # bytes, of whoever has not signed in yet; and no file
MOST_FIELDS = 50_000
LARGEST_UPLOAD = 64 * 1024 * 1024  # bytes of all files together
LARGEST_BODY = LARGEST_FIELDS + LARGEST_UPLOAD
_CHUNK = 1 << 16
_LONGEST_NAME = 200  # bytes; a file system takes 255, and names are made of it


@dataclass(frozen=True)
class Upload:
    """A file that was sent: its own name, where it lies, its bytes."""

    name: str
    path: Path
    size: int


@dataclass
class Form:
    """The fields by name, in their order, and the files that are no empty input."""

    fields: MultiDict[str] = field(default_factory=MultiDict)
    uploads: dict[str, Upload] = field(default_factory=dict)
    parts: int = 0  # of which it came

    def text(self, name: str) -> str:
        """The first value without spaces around it; "" where there is none."""
        return self.fields.get(name, "").strip()

    def all(self, name: str) -> list[str]:
        """All values of a name."""
        return self.fields.getall(name, [])

    def upload(self, name: str) -> Upload:
        """The file of that name; InputError `console.no-file`."""
        if name not in self.uploads:
            raise InputError("console.no-file", where=name)
        return self.uploads[name]


@asynccontextmanager
async def read_form(
    request: web.Request, token: str, home: Path, *, stranger: bool = False
) -> AsyncIterator[Form]:
    """Read a form of which the token is right; RequestError 403, 413, 415."""
    if request.content_type == "application/x-www-form-urlencoded":
        most = LARGEST_OF_STRANGERS if stranger else LARGEST_FIELDS
        form = Form(await _fields(request, most))
        _check_token(form, token)
        yield form
    elif request.content_type == "multipart/form-data" and not stranger:
        with own_folder(home) as folder:
            yield await _multipart(request, token, folder)
    else:
        raise RequestError("console.form", status=415, found=request.content_type)


async def _fields(request: web.Request, most: int) -> MultiDict[str]:
    raw = bytearray()
    while len(raw) <= most and (more := await request.content.read(_CHUNK)):
        raw += more
    if len(raw) > most or raw.count(b"&") > MOST_FIELDS:
        raise _too_large()
    return parse_fields(bytes(raw))


def parse_fields(raw: bytes) -> MultiDict[str]:
    """Fields of `application/x-www-form-urlencoded`; RequestError 400 for what is not UTF-8."""
    try:
        pairs = parse_qsl(raw.decode("ascii"), keep_blank_values=True, errors="strict")
    except ValueError as error:
        raise RequestError("console.form", status=400, found=str(error)) from error
    return MultiDict(pairs)


async def _multipart(request: web.Request, token: str, folder: Path) -> Form:
    form, left = Form(), [LARGEST_FIELDS, LARGEST_UPLOAD]
    try:
        reader = await request.multipart()
        while (part := await reader.next()) is not None:
            if isinstance(part, MultipartReader) or not part.name:
                raise RequestError("console.form", status=400)
            form.parts += 1
            if form.parts > MOST_FIELDS:
                raise _too_large()
            await _take(form, part, token, folder, left)
    except (ValueError, AssertionError, HttpProcessingError) as error:
        raise RequestError("console.form", status=400, found=str(error)) from error
    _check_token(form, token)
    return form


async def _take(
    form: Form, part: BodyPartReader, token: str, folder: Path, left: list[int]
) -> None:
    name = str(part.name)
    if part.filename is None:
        form.fields.add(name, (await _bytes(part, left)).decode("utf-8"))
        return
    _check_token(form, token)  # nothing is stored for whoever has none
    path = folder / str(form.parts)
    size = await _store(part, path, left)
    if part.filename:
        form.uploads[name] = Upload(_file_name(part.filename), path, size)


async def _bytes(part: BodyPartReader, left: list[int]) -> bytes:
    raw = bytearray()
    while chunk := await part.read_chunk(_CHUNK):
        raw += chunk
        left[0] -= len(chunk)
        if left[0] < 0:
            raise _too_large()
    return bytes(raw)


async def _store(part: BodyPartReader, path: Path, left: list[int]) -> int:
    size = 0
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(handle, "wb") as out:
        while chunk := await part.read_chunk(_CHUNK):
            size += len(chunk)
            left[1] -= len(chunk)
            if left[1] < 0:
                raise _too_large()
            out.write(chunk)
    return size


def _file_name(told: str) -> str:
    name = PurePosixPath(told.replace("\\", "/")).name
    shown = "".join(c for c in name if c.isprintable()).strip(" .")
    # Of a long one the end is kept: it tells the kind.
    return shown.encode("utf-8", "replace")[-_LONGEST_NAME:].decode("utf-8", "ignore") or "file"


def _check_token(form: Form, token: str) -> None:
    if not hmac.compare_digest(form.fields.get(TOKEN, "").encode(), token.encode()):
        raise RequestError("console.token", status=403)


def _too_large() -> RequestError:
    return RequestError("console.large", status=413, expected=f"≤ {LARGEST_UPLOAD >> 20} MiB")
