"""`sm2-key`, the same at a node and at a hub: it makes, tells, renews and retires the key."""

import argparse
from dataclasses import asdict, dataclass
from pathlib import Path

from fenhe_client.keys.root_commands import Told
from fenhe_client.keys.second_register import Kept
from fenhe_client.keys.second_renewal import renew_second, retire_second
from fenhe_client.keys.second_signing import (
    keep_token_key,
    keys_held,
    make_second_key,
    second_key_here,
)
from fenhe_protocol.encoding import b64_decode
from fenhe_protocol.errors import SetupError
from fenhe_protocol.keys import VerifierKey
from fenhe_protocol.second_line import PUBLIC_BYTES, second_fingerprint
from fenhe_protocol.terminal import grouped

_WHY = {"renewed": "已换下 renewed", "stolen": "已泄露 stolen"}


@dataclass(frozen=True)
class SecondOffice:
    """One home: its folder of keys, its origin, and what its configuration says of second lines."""

    keys: Path
    origin: str
    on: bool
    command: str
    now: int  # POSIX seconds


def add_second_key(parser: argparse.ArgumentParser) -> None:
    """The options of `sm2-key`."""
    parser.add_argument(
        "--public",
        type=_public,
        metavar="KEY",
        help="签名命令所用密钥的公钥, 04‖x‖y 的 base64 of the key behind sm2_sign_command",
    )
    steps = parser.add_mutually_exclusive_group()
    steps.add_argument(
        "--renew",
        action="store_true",
        help="换钥: 新旧两把都签, 直到 --retire a new key signs beside the old one until --retire",
    )
    steps.add_argument(
        "--retire",
        action="store_true",
        help="各方都登记新钥之后, 旧钥不再签 all know the new key: the old one signs no longer",
    )
    parser.add_argument(
        "--stolen",
        action="store_true",
        help="与 --renew 同用: 旧钥已泄露, 马上不再签 with --renew: the old one signs no longer",
    )


def second_key_command(options: argparse.Namespace, office: SecondOffice) -> Told:
    """Make or renew the key, and say what to hand over and what to do next."""
    if options.stolen and not options.renew:
        raise SetupError("setup.missing", where="--renew")
    if options.renew or options.retire:
        return _replaced(options, office)
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
    return _told(office, key, made=made, head="已生成 made" if made else "已有 here")


def _replaced(options: argparse.Namespace, office: SecondOffice) -> Told:
    """One step of a renewal; a token's key is renewed by `--public` (`setup.missing`)."""
    if office.command:
        raise SetupError("setup.missing", where="--public", found="sm2_sign_command")
    before = second_key_here(office.keys, office.origin, "")
    if options.retire:
        gone = retire_second(office.keys, office.origin, now=office.now)
        head = "旧钥不再签 the old key signs no longer" if gone else "没有旧钥在签 only one signs"
    else:
        renew_second(office.keys, office.origin, now=office.now, stolen=options.stolen)
        head = "已换钥 renewed" if options.stolen else "已换钥, 新旧两把都签 renewed, both sign"
    key = second_key_here(office.keys, office.origin, "")
    assert key is not None, "there is one before, and one after"
    return _told(office, key, made=key != before, head=head)


def _told(office: SecondOffice, key: VerifierKey, *, made: bool, head: str) -> Told:
    mark = second_fingerprint(key)
    lines = [head, key.text, f"指纹 fingerprint: {grouped(mark)}"]
    kept = () if office.command else keys_held(office.keys, office.origin)
    lines += [_line_of(each) for each in kept[:-1]]
    if not office.on:
        lines.append("在 config.yaml 写 sm2: true 即启用; set sm2: true in config.yaml")
    facts = {"key": key.text, "fingerprint": mark, "made": made, "on": office.on}
    return Told("\n".join(lines), facts | {"keys": [asdict(each) for each in kept]})


def _line_of(kept: Kept) -> str:
    """A former key: from when until when, and why no longer."""
    state = "仍在签 signs too" if kept.in_force else f"{kept.since} – {kept.until} {_WHY[kept.why]}"
    return f"旧 former: +{kept.verifier.key_id.hex()}+ {state} ({kept.file})"


def _public(text: str) -> bytes:
    try:
        return b64_decode(text.strip(), size=PUBLIC_BYTES)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"b64 of {PUBLIC_BYTES} bytes: {text}") from error
