"""`sm2-key`, the same at a node and at a hub: it makes the key, or tells which one is here."""

import argparse
from dataclasses import dataclass
from pathlib import Path

from fenhe_client.root_commands import Told
from fenhe_client.second_signing import keep_token_key, make_second_key, second_key_here
from fenhe_protocol.encoding import b64_decode
from fenhe_protocol.errors import SetupError
from fenhe_protocol.second_line import PUBLIC_BYTES, second_fingerprint
from fenhe_protocol.terminal import grouped


@dataclass(frozen=True)
class SecondOffice:
    """One home: its folder of keys, its origin, and what its configuration says of second lines."""

    keys: Path
    origin: str
    on: bool
    command: str


def add_second_key(parser: argparse.ArgumentParser) -> None:
    """The options of `sm2-key`."""
    parser.add_argument(
        "--public",
        type=_public,
        metavar="KEY",
        help="签名命令所用密钥的公钥, 04‖x‖y 的 base64 of the key behind sm2_sign_command",
    )


def second_key_command(options: argparse.Namespace, office: SecondOffice) -> Told:
    """Make the key that is wanting, and say what to hand over and what to do next."""
    key = second_key_here(office.keys, office.origin, office.command)
    made = key is None or options.public is not None
    if options.public is not None:
        if not office.command:
            raise SetupError("setup.missing", where="sm2_sign_command")
        key = keep_token_key(office.keys, office.origin, options.public)
    elif key is None and office.command:
        raise SetupError("setup.missing", where="--public")
    elif key is None:
        key = make_second_key(office.keys, office.origin)
    mark = second_fingerprint(key)
    lines = ["已生成 made" if made else "已有 here", key.text, f"指纹 fingerprint: {grouped(mark)}"]
    if not office.on:
        lines.append("在 config.yaml 写 sm2: true 即启用; set sm2: true in config.yaml")
    return Told(
        "\n".join(lines), {"key": key.text, "fingerprint": mark, "made": made, "on": office.on}
    )


def _public(text: str) -> bytes:
    try:
        return b64_decode(text.strip(), size=PUBLIC_BYTES)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"b64 of {PUBLIC_BYTES} bytes: {text}") from error
