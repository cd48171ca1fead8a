"""What is judged of this machine and this home alone. Pure."""

from collections.abc import Iterator

from fenhe_node.doctoring.facts import Facts
from fenhe_node.doctoring.finding import Finding, State
from fenhe_node.runs import missed

DAY = 86_400
OLD_BACKUP_DAYS = 8
FEW_FILES = 10_000
OLDEST_PYTHON = (3, 11)
OLDEST_SQLITE = (3, 38)

_RESTART = "systemctl restart fenhe-node"


def opening(facts: Facts) -> Iterator[Finding]:
    """Whether any command works at all."""
    if facts.unopened:
        advice = "先改正这一条, 别的命令才能用; mend this first: no other command works before"
        yield Finding("节点 node", State.BAD, facts.unopened, advice)


def disk(facts: Facts) -> Iterator[Finding]:
    """Room for what is written, at home and where backups go."""
    advice = "清理磁盘或换大的; make room, or give it a larger disk"
    for each in facts.spaces:
        told = f"{each.what} {each.path} 剩 {each.free_mib} MiB free"
        few = each.free_files is not None and each.free_files < FEW_FILES
        if each.free_mib < facts.least_free_mib:
            yield Finding("磁盘 disk", State.BAD, told, advice)
        elif few:
            inodes = f"{told}, 文件数只剩 {each.free_files} files left"
            yield Finding("磁盘 disk", State.BAD, inodes, advice)
        elif each.free_mib < 4 * facts.least_free_mib:
            yield Finding("磁盘 disk", State.LOOK, told, advice)
        else:
            yield Finding("磁盘 disk", State.GOOD, told)


def keys(facts: Facts) -> Iterator[Finding]:
    """Nobody else may read a key."""
    subject = "密钥 keys"
    open_ones = [each for each in facts.keys if each.mode & 0o077]
    foreign = [each for each in facts.keys if not each.own]
    for each in open_ones:
        told = f"{each.path} 别人能读 others may read it ({each.mode:04o})"
        yield Finding(subject, State.BAD, told, f"chmod go= {each.path}")
    for each in foreign:
        told = f"{each.path} 不是本账号的; it belongs to another account"
        yield Finding(subject, State.BAD, told, f"chown --reference=config.yaml {each.path}")
    if not open_ones and not foreign:
        yield Finding(subject, State.GOOD, "只有本账号能读; for this account alone")


def schedule(facts: Facts) -> Iterator[Finding]:
    """Whether what should run by itself does."""
    subject = "定时任务 schedule"
    if not facts.served:
        advice = "systemctl enable --now fenhe-node"
        yield Finding(subject, State.BAD, "服务没有运行; the node does not serve", advice)
        return
    late, failed = missed(facts.runs, facts.now), False
    for name in late:
        yield Finding(subject, State.BAD, f"{name} 错过 missed", _RESTART)
    for name, run in facts.runs.items():
        if run.failed:
            failed = True
            told = f"{name} 失败 {run.failures} 次: {run.failed}"
            yield Finding(subject, State.BAD, told, "journalctl -u fenhe-node -n 50")
    if not late and not failed:
        yield Finding(subject, State.GOOD, "都按时; all on time")


def files(facts: Facts) -> Iterator[Finding]:
    """What the last self-check found."""
    subject = "文件 files"
    for each in facts.damaged:
        yield Finding(subject, State.BAD, each, "fenhe-node check-files; smartctl -a")
    if facts.damaged:
        return
    if not facts.checked_at:
        yield Finding(subject, State.UNKNOWN, "还没有自检过; no self-check yet", "")
    elif facts.now - facts.checked_at > 2 * DAY:
        days = (facts.now - facts.checked_at) // DAY
        told = f"{days} 天没有自检; no self-check for {days} days"
        yield Finding(subject, State.LOOK, told, "fenhe-node check-files")
    else:
        yield Finding(subject, State.GOOD, "上次自检全部完好; whole at the last self-check")


def backup(facts: Facts) -> Iterator[Finding]:
    """Whether there is one, and how old it is."""
    subject, seen = "备份 backup", facts.backup
    if seen is None:
        return
    make = "fenhe-node backup DIR, 或在 config.yaml 写 backup.to; or set backup.to"
    if not seen.at:
        yield Finding(subject, State.LOOK, "从未备份 none was ever made", make)
        return
    days = max(0, facts.now - seen.at) // DAY
    told = f"{days} 天前 days ago: {seen.folder}"
    if not seen.there:
        yield Finding(subject, State.LOOK, f"{told} 不在那里了 is not there now", make)
    elif days >= OLD_BACKUP_DAYS:
        yield Finding(subject, State.LOOK, told, make)
    else:
        yield Finding(subject, State.GOOD, told)
    if seen.failed:
        advice = "照所说的办, 再 fenhe-node backup; mend it, then make another"
        yield Finding(subject, State.BAD, f"后来没做成 failed since: {seen.failed}", advice)


def versions(facts: Facts) -> Iterator[Finding]:
    """Whether what runs here is new enough, and goes with the store and the hubs."""
    subject, here = "版本 versions", facts.versions
    told = f"fenhe {here.program}, Python {'.'.join(map(str, here.python))}, SQLite {here.sqlite}"
    if here.tables > here.known_tables:
        found = f"数据库更新 the store is newer: {here.tables} > {here.known_tables}"
        yield Finding(subject, State.BAD, found, "升级本程序; upgrade this program")
    old = here.python < OLDEST_PYTHON or _numbers(here.sqlite) < OLDEST_SQLITE
    if old:
        yield Finding(subject, State.BAD, told, "Python ≥ 3.11, SQLite ≥ 3.38")
    for hub in facts.hubs or ():
        for text in hub.schemas:
            yield Finding(subject, State.LOOK, f"{hub.origin}: {text}", "见上 as it says")
    if not old:
        yield Finding(subject, State.GOOD, told)


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".")[:2])
