"""`/keys`: the fingerprint to read over the phone, whom this unit trusts, its keys, its backups."""

from datetime import UTC, datetime, timedelta
from typing import Any

from fenhe_client.console import passwords
from fenhe_node.backing_up.making import back_up_as_set
from fenhe_node.backing_up.memory import last_backup
from fenhe_node.console.asking import Answer, Asked, GoTo, Page, Routes
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


ROUTES: Routes = (("GET", PATH, show), ("POST", "/keys/backup", back_up))
