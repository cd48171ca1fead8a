"""`fenhe make-key` and `fenhe sign-root`: for the machine on which a root key is kept, offline.

What is to be signed is shown in full before; nothing is fetched and nothing else is needed here.
"""

import argparse
import sys
from pathlib import Path
from typing import Any

from fenhe_client.keys.root_desk import signature_line
from fenhe_client.keys.root_telling import told_changes, told_document
from fenhe_client.keys.seeds import load_seed, make_seed
from fenhe_client.stored.disk import Disk, replace_files
from fenhe_client.telling import answer
from fenhe_protocol.encoding import b64_encode
from fenhe_protocol.errors import FenheError, InputError, Refused, SetupError
from fenhe_protocol.keys import SigningKey
from fenhe_protocol.note import parse_note
from fenhe_protocol.root_document import RootDocument, check_next
from fenhe_protocol.root_text import read_root_text

_GOING = "注意: 新的一份不再列出这把密钥 note: the new document lists this key no longer"
_NOT_LISTED = (
    "注意: 新的一份没有列出这把密钥; 现行的一份也没有的话, 这个签名不算数 (加 --previous 核对) "
    "note: the document does not list this key; its line counts only if the one in force does"
)


def add_make_key(command: argparse.ArgumentParser) -> None:
    """The options of `make-key`."""
    command.add_argument("file", type=Path, metavar="FILE", help="种子存到哪里 where the seed goes")


def add_sign_root(command: argparse.ArgumentParser) -> None:
    """The options of `sign-root`."""
    command.add_argument(
        "file", type=Path, metavar="FILE", help="要签的根文档 what is to be signed"
    )
    command.add_argument(
        "--seed-file",
        type=Path,
        required=True,
        metavar="KEY",
        help="根密钥的种子 the root key's seed",
    )
    command.add_argument(
        "--previous",
        type=Path,
        metavar="ROOT",
        help="现行的一份，用来比较 the one in force, to compare",
    )
    command.add_argument(
        "--out", type=Path, metavar="LINE", help="签名行存到哪里 where the line goes"
    )


async def make_key(options: argparse.Namespace) -> int:
    """`fenhe make-key`: a fresh seed, and the public key to be handed on."""
    try:
        key = SigningKey.from_seed(make_seed(options.file))
    except OSError as error:
        raise SetupError("setup.key", where=str(options.file), found=str(error)) from error
    public = b64_encode(key.public)
    answer({"file": str(options.file), "key": public}, public, as_json=options.json)
    return 0


async def sign_root_file(options: argparse.Namespace) -> int:
    """`fenhe sign-root`: show the document, sign its text, write the line."""
    text = _text(options.file)
    document, previous = _document(options.file, text), None
    if options.previous is not None:
        previous = _document(options.previous, _text(options.previous))
        document = check_next(previous, text)
    key = SigningKey.from_seed(load_seed(options.seed_file))
    _check_signer(key, document, previous)
    line = signature_line(document.origin, text, key)
    if options.out is not None:
        replace_files(Disk(), {options.out: line.encode()})
    changes = told_changes(previous, document) if previous else []
    shown = [f"{label}: {value}" for label, value in told_document(document)]
    lines = [*shown, *(f"变化 change: {each}" for each in changes)]
    if key.public not in document.root:
        lines.append(_NOT_LISTED if previous is None else _GOING)
    print("\n".join(lines), file=sys.stderr)
    facts: dict[str, Any] = {"n": document.n, "origin": document.origin, "line": line}
    answer(facts | {"changes": changes}, line.rstrip("\n"), as_json=options.json)
    return 0


def _text(file: Path) -> bytes:
    """The text of a draft or of a signed note."""
    try:
        raw = file.read_bytes()
    except OSError as error:
        raise SetupError("setup.value", where=str(file), found=str(error)) from error
    return parse_note(raw).text if b"\n\n" in raw else raw


def _document(file: Path, text: bytes) -> RootDocument:
    try:
        return read_root_text(text, allow_loopback_http=True)
    except FenheError as error:
        error.advice = str(file)
        raise


def _check_signer(key: SigningKey, document: RootDocument, previous: RootDocument | None) -> None:
    """InputError where this key's line could not count; without the one before it may be its own"""
    known = {*document.root, *(previous.root if previous else ())}
    if previous is not None and key.public not in known:
        raise InputError("root.line", where=b64_encode(key.public))
    if document.purposes.get(key.public, "root") != "root":
        raise Refused("root.purpose", where=b64_encode(key.public), expected="root")
