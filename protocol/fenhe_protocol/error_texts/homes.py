"""What goes wrong with whole homes: backups of them, and several of them in one process."""

from fenhe_protocol.error_texts.text import Text

HOMES: dict[str, Text] = {
    # backup: copies of a home
    "backup.absent": Text("这里没有备份", "There is no backup here"),
    "backup.damaged": Text(
        "备份不完整或已损坏，换一份", "The backup is damaged or not whole: take another one"
    ),
    "backup.failed": Text("备份没有做成", "The backup was not made"),
    "backup.inside": Text(
        "备份不能放在节点自己的目录里", "A backup cannot lie inside the home that it is of"
    ),
    "backup.keys": Text("不是本单位的密钥文件", "This is no file of this unit's keys"),
    "backup.newer": Text(
        "备份是更新的版本做的，先升级本程序",
        "A newer version made the backup: upgrade this program first",
    ),
    "backup.passphrase": Text(
        "口令不对，或太短（至少 12 个字符）",
        "The passphrase is wrong, or shorter than 12 characters",
    ),
    "backup.soon": Text("这一秒已经做过一份", "One was made in this very second"),
    "backup.target": Text("没有写备份到哪里", "It is not said where the backup goes"),
    "backup.unreadable": Text("本账号读不了这份备份", "This account may not read the backup"),
    # homes: several in one process
    "homes.address": Text("两个单位用了同一个网址", "Two homes have the same public address"),
    "homes.none": Text("这个目录下没有节点", "No home lies in this folder"),
    "restore.keys": Text(
        "还没有密钥：填密钥文件，或先把密钥放进去",
        "There are no keys yet: give the file of keys, or lay them there first",
    ),
}
