"""`fenhe-hub --home DIR gateway …`: what can be asked of a gateway.

Only the names stand here. What opens is loaded by who runs one of these commands and by nobody
else: the hub's own processes never hold it.
"""

from __future__ import annotations

import argparse
import importlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from fenhe_client.keys.root_commands import add_root_document, add_rotate

_OPERATIONS = "fenhe_hub.gateway.operations"
_SELF_CHECK = "fenhe_hub.gateway.self_check"
_PURPOSES = ("request", "root")  # what it seals by has a command of its own


def add_commands(commands: Any) -> None:
    """Add `gateway` with its commands."""
    about = "国家平台网关：另一个目录、账户和程序 the gateway: a home and an account of its own"
    gateway = commands.add_parser("gateway", help=about, description=about)
    found = gateway.add_subparsers(required=True, metavar="COMMAND")
    _add_setting_up(found)
    _add(found, "sync", "取回密封的内容并告知省平台 take what is sealed", "sync")
    _add_forward(found)
    hold = _add(found, "hold", "暂停一个单位或一类 hold back a unit or a type", "hold")
    hold.add_argument("subject", metavar="USCC|6", help="单位代码，或类型 a unit or the type")
    hold.add_argument("--why", required=True, metavar="TEXT", help="原因，会显示 shown")
    release = _add(found, "release", "放行 let it go again", "release")
    release.add_argument("subject", metavar="USCC|6", help="单位代码，或类型 a unit or the type")
    _add(found, "status", "取到多少、报到哪里 what was taken, and where it stands", "status")
    again = _add(found, "check-files", "重读全部内容 read again what is stored", "")
    again.set_defaults(run=_loaded("check_files", _SELF_CHECK))
    serve = _add(found, "serve", "不停地取和报 take and send for ever", "serve", reports=False)
    serve.add_argument(
        "--listen", metavar="HOST:PORT", help="本机监控地址 for /healthz, /metrics: loopback"
    )
    serve.set_defaults(json=False)


def _add_setting_up(found: Any) -> None:
    init = _add(found, "init", "建立网关 make a new gateway", "init")
    init.add_argument(
        "--origin", required=True, metavar="HOST/PREFIX", help="名称，永不改变 its name for ever"
    )
    init.add_argument("--public-url", metavar="URL", help="根文档的网址 (https://<origin>)")
    init.add_argument("--uscc", required=True, help="运营单位的统一社会信用代码 its unit code")
    init.add_argument("--hub", required=True, metavar="URL", help="省平台的网址 the hub's address")
    init.add_argument(
        "--hub-fingerprint", required=True, metavar="F", help="当面核对的省平台指纹 the hub's"
    )
    init.add_argument("--wsdl", default="", metavar="URL", help="国家平台接口 the platform's WSDL")
    _add(found, "fingerprint", "供单位核对的指纹和请求公钥 what others compare", "fingerprint")
    _add(found, "keys", "密钥一览 all keys", "keys")
    add_rotate(_add(found, "rotate-key", "更换密钥 rotate a key", "rotate_key"), _PURPOSES)
    add_root_document(_add(found, "root-document", "根文档 the root document", "root_document"))
    _add(found, "rotate-seal", "换密封钥匙，旧的仍能打开 seal to a new key", "rotate_seal")
    destroy = _add(found, "destroy-seal", "销毁一把旧钥匙 destroy an old key", "destroy_seal")
    destroy.add_argument("key", metavar="ID", help="钥匙编号，见 status its id")
    destroy.add_argument(
        "--anyway",
        action="store_true",
        help="没报完的、还会封给它的也放弃 give up what is not forwarded, or may still come",
    )


def _add_forward(found: Any) -> None:
    forward = _add(found, "forward", "取回并上报服务记录 take, then send services", "forward")
    forward.add_argument(
        "--again", metavar="USCC|all", help="重发退回的 send returned ones once more"
    )
    forward.add_argument(
        "--audit", type=Path, metavar="CSV", help="国家平台审核状态 its review states: "
        "insCode,recordInnerId,auditStatus"
    )  # fmt: skip
    forward.add_argument(
        "--withdrawn", metavar="USCC:ID", help="国家平台已撤下这条 it was taken down there"
    )
    forward.add_argument("--report", action="store_true", help="只看不取不发 report only")


def _add(
    found: Any, name: str, text: str, operation: str, *, reports: bool = True
) -> argparse.ArgumentParser:
    command: argparse.ArgumentParser = found.add_parser(name, help=text, description=text)
    command.set_defaults(run=_loaded(operation))
    if reports:
        command.add_argument("--json", action="store_true", help="机器可读的结果 one JSON value")
    return command


def _loaded(operation: str, module: str = _OPERATIONS) -> Callable[[argparse.Namespace], int]:
    def run(options: argparse.Namespace) -> int:
        work: Callable[[argparse.Namespace], int] = getattr(
            importlib.import_module(module), operation
        )
        return work(options)

    return run
