"""`init`, `fingerprint`, `config`: a hub's beginning, and what others compare."""

import argparse
import time
from dataclasses import asdict
from pathlib import Path

from fenhe_client.stored.files import root_path
from fenhe_client.stored.head_store import HeadStore
from fenhe_client.writing.feed_writer import FeedWriter
from fenhe_hub.config import HubConfig, write_config
from fenhe_hub.home import claim
from fenhe_hub.hub import FED, Hub, fed_files, open_hub, own_roots
from fenhe_hub.keys import HubKeys, make_keys
from fenhe_hub.operations.options import Commands, add_command
from fenhe_hub.report import complain, pairs, show
from fenhe_protocol.checkpoint import KeyRange
from fenhe_protocol.errors import Refused, SetupError
from fenhe_protocol.identifiers import check_uscc
from fenhe_protocol.keys import SigningKey
from fenhe_protocol.origin import check_origin
from fenhe_protocol.root_document import LogKeys, compose_root, sign_root
from fenhe_protocol.settings import render_settings
from fenhe_protocol.terminal import grouped

NO_UNIT = "121400000000000000"  # valid in form, given to nobody


def add_commands(commands: Commands) -> None:
    """`init`, `fingerprint`, `config`."""
    init = add_command(commands, "init", "建立省平台 make a new hub", _init)
    init.add_argument(
        "--origin", required=True, metavar="HOST/PREFIX", help="名称，永不改变 its name for ever"
    )
    init.add_argument("--public-url", metavar="URL", help="外界访问的地址 (https://<origin>)")
    init.add_argument("--uscc", default=NO_UNIT, help="运营单位的统一社会信用代码 its unit code")
    add_command(commands, "fingerprint", "供单位核对的指纹 what units compare", _fingerprint)
    add_command(commands, "config", "当前配置 the settings in force", _config)


def _init(options: argparse.Namespace) -> int:
    url = (options.public_url or f"https://{options.origin}").rstrip("/")
    hub = init_hub(options.home, options.origin, url, options.uscc, now=int(time.time()))
    if options.uscc == NO_UNIT:
        complain("未给出 --uscc, 用占位代码, 以后不能改; no --uscc: a placeholder that stays")
    result = {
        "origin": hub.origin,
        "url": hub.root.url,
        "fingerprint": hub.fingerprint,
        "home": str(options.home),
    }
    lines = {
        "省平台已建好 made": options.home,
        "名称 origin": hub.origin,
        "网址 address": hub.root.url,
        "指纹 fingerprint": grouped(hub.fingerprint),
    }
    show(result, pairs(lines), as_json=options.json)
    return 0


def init_hub(path: Path, origin: str, url: str, uscc: str, *, now: int) -> Hub:
    """Make a home with keys, root document 1, an empty `fed` and every setting written out."""
    try:
        check_origin(origin)
        check_uscc(uscc)
        HubConfig(origin=origin, public_url=url)
        _compose(_UNUSED, origin=origin, url=url, uscc=uscc, now=now)
    except (ValueError, Refused) as error:
        raise SetupError("setup.value", where="init", found=str(error)) from error
    home = claim(path)
    keys = make_keys(home.keys)
    text = _compose(keys, origin=origin, url=url, uscc=uscc, now=now)
    own_roots(home).write_all({root_path(1): sign_root(text, origin, [keys.root])})
    writer = FeedWriter(f"{origin}/{FED}", fed_files(home), HeadStore(home.heads))
    writer.recover(key=keys.log, now=now)
    write_config(home.config_file, {"origin": origin, "public_url": url})
    return open_hub(path)


# For a rehearsal before anything is written: what cannot be composed leaves no half-made home.
_UNUSED = HubKeys(*(SigningKey.from_seed(bytes([number]) * 32) for number in range(4)))


def _compose(keys: HubKeys, *, origin: str, url: str, uscc: str, now: int) -> bytes:
    """The text of root document 1."""
    return compose_root(
        origin=origin,
        unit=uscc,
        url=url,
        time=now,
        root=[keys.root.public],
        logs=[LogKeys(FED, (KeyRange(keys.log.public),))],
        request=[keys.request.public],
        cosign=keys.mirror.public,
    )


def _fingerprint(options: argparse.Namespace) -> int:
    hub = open_hub(options.home)
    keys = hub.root.verifier_keys
    cosigner = hub.root.cosign.text if hub.root.cosign else ""
    result = {
        "origin": hub.origin,
        "fingerprint": hub.fingerprint,
        "keys": keys,
        "cosigner": cosigner,
    }
    lines = [grouped(hub.fingerprint), *keys.values(), cosigner]
    show(result, "\n".join(lines), as_json=options.json)
    return 0


def _config(options: argparse.Namespace) -> int:
    settings = asdict(open_hub(options.home).config)
    show(settings, render_settings(HubConfig, settings), as_json=options.json)
    return 0
