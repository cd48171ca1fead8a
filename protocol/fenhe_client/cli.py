"""`fenhe`: verify logs, follow a hub, prove a record, check proofs and evidence, be a witness.

Exit codes: 0 done · 1 could not do it now · 2 wrong usage · 3 something was refused · 4 the proof
of a finding is genuine, and contradicts the finding.
With `--json` the answer is one JSON value on standard output, errors too; what is not the answer
goes to standard error. Addresses typed here may be private and of any port.
"""

import argparse
import asyncio
import json
import os
import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from fenhe_client import accusing, commands, evidence_check, proof_check, root_signing
from fenhe_client.command_line import CommandLine, keep_from_others
from fenhe_client.fetching.addresses import PRIVATE_TOO
from fenhe_client.telling import COULD_NOT, exit_code
from fenhe_client.witness.commands import add_commands as add_witness_commands
from fenhe_client.witness.submission import WitnessAddress
from fenhe_protocol.errors import FenheError, Refused
from fenhe_protocol.keys import COSIGNATURE, ED25519, VerifierKey
from fenhe_protocol.second_line import parse_second_key


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    options = _parser().parse_args(arguments)
    keep_from_others()
    try:
        code: int = asyncio.run(options.run(options))
        sys.stdout.flush()
    except FenheError as error:
        return _tell(error, as_json=options.json)
    except KeyboardInterrupt:
        return COULD_NOT
    except BrokenPipeError:
        # Whoever read the lines is gone; nothing more may be written at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return COULD_NOT
    return code


def _tell(error: FenheError, *, as_json: bool) -> int:
    if as_json:
        problem = {"ok": False, "error": error.problem(), "exit": exit_code(error)}
        print(json.dumps(problem, ensure_ascii=False, indent=1))
    print(error, file=sys.stderr)
    return exit_code(error)


def _parser() -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = CommandLine(
        prog="fenhe", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    found = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_verify(_command(found, "verify", "验证整个日志 verify a whole log", commands.verify))
    _add_follow(_command(found, "follow", "跟随一个省平台 follow a hub", commands.follow))
    _add_prove(_command(found, "prove", "证明一条记录 prove a record", commands.prove))
    text = "见证日志的检查点 witness the checkpoints of logs"
    witness = found.add_parser("witness", help=text, description=text)
    add_witness_commands(witness, log_key=_log_key, fingerprint=_fingerprint)
    text = "离线验证证明或回执文件 check a proof or receipt offline"
    _add_verify_proof(_command(found, "verify-proof", text, proof_check.verify_proof_file))
    text = "离线审查证据文件 judge an evidence file offline"
    judge = _command(found, "verify-evidence", text, evidence_check.verify_evidence_file)
    evidence_check.add_verify_evidence(judge, fingerprint=_fingerprint, key=_any_key)
    text = "把两个矛盾的签名做成证据文件 make an evidence file of two notes that disagree"
    make = _command(found, "make-evidence", text, accusing.make_evidence_file)
    accusing.add_make_evidence(make, key=_any_key)
    text = "生成一个根密钥 make a root key"
    root_signing.add_make_key(_command(found, "make-key", text, root_signing.make_key))
    text = "离线签根文档 sign a root document offline"
    root_signing.add_sign_root(_command(found, "sign-root", text, root_signing.sign_root_file))
    return parser


def _command(
    found: "argparse._SubParsersAction[argparse.ArgumentParser]",
    name: str,
    text: str,
    run: Callable[..., object],
) -> argparse.ArgumentParser:
    command = found.add_parser(name, help=text, description=text)
    command.set_defaults(run=run)
    command.add_argument("--json", action="store_true", help="以 JSON 回答 answer in JSON")
    return command


def _add_verify(command: argparse.ArgumentParser) -> None:
    command.add_argument("log", metavar="URL_OR_DIR", help="日志的网址或目录 where the log lies")
    by = command.add_mutually_exclusive_group(required=True)
    by.add_argument("--key", type=_log_key, metavar="VKEY", help="日志的公钥 the log's key")
    by.add_argument(
        "--fingerprint",
        type=_fingerprint,
        metavar="F",
        help="单位的指纹，按其根文档验证 the unit's fingerprint: by its root documents",
    )
    command.add_argument(
        "--foreign", action="store_true", help="按一般 tlog-tiles 日志验证 as any tlog-tiles log"
    )
    _add_second(command)
    command.add_argument("--quiet", action="store_true", help="不显示进度 no progress")
    _add_request_key(command)


def _add_follow(command: argparse.ArgumentParser) -> None:
    command.add_argument("hub", metavar="HUB_URL", help="省平台的网址 the hub's address")
    command.add_argument(
        "--cursor", required=True, type=Path, metavar="FILE", help="位置文件 the cursor file"
    )
    _add_fingerprint(command)
    command.add_argument("--once", action="store_true", help="只跟到现在 up to now, then stop")
    command.add_argument(
        "--witness",
        type=_witness,
        metavar="VKEY@URL",
        help="与此见证人所见核对 compare with what this witness was shown",
    )
    command.add_argument(
        "--interval", type=float, default=60.0, metavar="SECONDS", help="间隔秒数 between two looks"
    )
    whose = "省平台或单位的国密公钥, 其检查点须有此签名 an SM2 key of the hub or of a unit"
    second = command.add_mutually_exclusive_group()
    _add_second(second, f"{whose}; 记在位置文件里, 可重复 kept with the cursor, may be repeated")
    second.add_argument(
        "--no-sm2", action="store_true", help="不再要求国密签名 ask for no SM2 line any more"
    )
    _add_request_key(command)


def _add_prove(command: argparse.ArgumentParser) -> None:
    command.add_argument("hub", metavar="HUB_URL", help="省平台的网址 the hub's address")
    command.add_argument(
        "record", metavar="RECORD", help="<uscc>/<kind>/<id> 或 or <origin>#<index>"
    )
    command.add_argument("--out", type=Path, metavar="FILE", help="存证明文件 keep the proof file")
    command.add_argument("--key", type=_log_key, metavar="VKEY", help="日志的公钥 the log's key")
    command.add_argument(
        "--cosigner", type=_cosigner, metavar="VKEY", help="回执的公钥 the cosigner's key"
    )
    _add_fingerprint(command)
    command.add_argument(
        "--unit-fingerprint",
        type=_fingerprint,
        metavar="F",
        help="单位的指纹 the unit's fingerprint",
    )
    _add_second(command)


def _add_verify_proof(command: argparse.ArgumentParser) -> None:
    command.add_argument("file", type=Path, metavar="FILE", help="证明文件 .tlog-proof")
    command.add_argument(
        "--key", required=True, type=_log_key, metavar="VKEY", help="日志的公钥 the log's key"
    )
    command.add_argument(
        "--cosigner",
        action="append",
        default=[],
        type=_cosigner,
        metavar="VKEY",
        help="须有其回执的公钥, 可重复 a cosigner that must have signed; may be repeated",
    )
    _add_second(command)


_SECOND = (
    "须有其国密签名的公钥, 换钥期间可给两个 "
    "the unit's SM2 key, which must have signed as well; two while it is replaced"
)


def _add_second(command: argparse._ActionsContainer, text: str = _SECOND) -> None:
    command.add_argument(
        "--sm2", action="append", default=[], type=_second_key, metavar="VKEY", help=text
    )


def _add_fingerprint(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--fingerprint", type=_fingerprint, metavar="F", help="省平台的指纹 the hub's fingerprint"
    )


def _add_request_key(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--request-key",
        type=Path,
        metavar="FILE",
        help="请求密钥的种子, 十六进制 the seed of an enrolled reader's key, in hex",
    )


def _fingerprint(text: str) -> str:
    """Read a fingerprint as it is read aloud: in groups, in any case."""
    found = "".join(text.split()).lower()
    if not re.fullmatch("[0-9a-f]{64}", found):
        raise argparse.ArgumentTypeError("64 hexadecimal digits are needed")
    return found


def _witness(text: str) -> WitnessAddress:
    key, at, url = text.rpartition("@")
    if not at or not url.startswith(("http://", "https://")):
        raise argparse.ArgumentTypeError("VKEY@URL is needed")
    return WitnessAddress(_cosigner(key), url.rstrip("/"), PRIVATE_TOO)


def _log_key(text: str) -> VerifierKey:
    return _verifier_key(text, ED25519)


def _cosigner(text: str) -> VerifierKey:
    return _verifier_key(text, COSIGNATURE)


def _any_key(text: str) -> VerifierKey:
    return _verifier_key(text, ED25519, COSIGNATURE)


def _second_key(text: str) -> VerifierKey:
    try:
        return parse_second_key(text)
    except Refused as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def _verifier_key(text: str, *kinds: int) -> VerifierKey:
    try:
        key = VerifierKey.parse(text)
    except Refused as error:
        raise argparse.ArgumentTypeError(str(error)) from error
    if key.kind not in kinds:
        needed = " | ".join(f"0x{kind:02x}" for kind in kinds)
        raise argparse.ArgumentTypeError(f"a key of type {needed} is needed: {text}")
    return key


if __name__ == "__main__":
    sys.exit(main())
