"""`/keys`: the fingerprint to read over the phone, whom this unit trusts, its keys, its backups."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from fenhe_client.console import passwords
from fenhe_node.backing_up.making import back_up_as_set
from fenhe_node.backing_up.manifest import read_manifest
from fenhe_node.backing_up.memory import last_backup
from fenhe_node.backing_up.verifying import verify
from fenhe_node.console.asking import Answer, Asked, GoTo, Page, Routes
from fenhe_node.home import alone
from fenhe_node.refilling import refill
from fenhe_node.store import Store, hubs, sealing
from fenhe_protocol.errors import FenheError, SetupError
from fenhe_protocol.request import key_id
from fenhe_protocol.terminal import grouped

PATH = "/keys"
OLD_DAYS = 8


def show(asked: Asked) -> Answer:
    """Everything about keys and backups, none of which is secret."""
    console = asked.console
    node, root = console.node, console.node.root
    with Store.open(console.home.store) as store:
        trusted = [(hub, grouped(hub.fingerprint)) for hub in hubs.every(store)]
        gateway = sealing.gateway(store)
    last = last_backup(console.home)
    age = datetime.fromtimestamp(asked.now, UTC) - datetime.fromtimestamp(last.at, UTC)
    context: dict[str, Any] = {
        "fingerprint": grouped(node.fingerprint),
        "root": root,
        "keys": root.verifier_keys,
        "request": [key_id(key) for key in root.request],
        "trusted": trusted,
        "gateway": gateway,
        "gateway_fingerprint": grouped(gateway.fingerprint) if gateway else "",
        "home": str(console.home.path),
        "backup": last,
        "backup_to": node.config.backup.to,
        "is_old": last.at == 0 or age > timedelta(days=OLD_DAYS),
        "accounts": sorted(passwords.accounts(console.home.passwords)),
    }
    return Page("console/keys.html", context)


def back_up(asked: Asked) -> Answer:
    """Make a backup now, where the configuration says."""
    node = asked.console.node
    if not node.config.backup.to:
        raise SetupError("setup.missing", where="backup to")
    try:
        back_up_as_set(node, asked.console.now)
    except FenheError as error:
        return GoTo(PATH, f"没有备份好：{error}", bad=True)
    return GoTo(PATH, f"已备份到 {last_backup(node.home).folder}，并逐个核对过")


def look_again(asked: Asked) -> Answer:
    """Read the last backup again, every file of it."""
    folder = Path(last_backup(asked.console.home).folder)
    damaged = verify(folder, read_manifest(folder))
    if damaged:
        return GoTo(PATH, f"备份已损坏：{'、'.join(damaged[:5])}", bad=True)
    return GoTo(PATH, f"{folder} 完好，可以恢复")


def bring_up(asked: Asked) -> Answer:
    """Bring the records up to what is published, where the store lost some."""
    console = asked.console
    with alone(console.home), Store.open(console.home.store) as store:
        count = refill(console.home, store, console.schemas, asked.now)
    if not count:
        return GoTo(PATH, "与已发布的内容一致，没有要补的")
    return GoTo(PATH, f"已按发布的内容补齐 {count} 条记录")


ROUTES: Routes = (
    ("GET", PATH, show),
    ("POST", "/keys/backup", back_up),
    ("POST", "/keys/verify", look_again),
    ("POST", "/keys/refill", bring_up),
)
