"""`sources`: the unit's own systems and folders from which lists come by themselves."""

import re
from dataclasses import dataclass
from typing import Literal

from fenhe_protocol.settings import setting

SourceKind = Literal["file", "folder", "nemo", "nemo-file", "sql"]
NemoTable = Literal["", "tools", "usage_events"]

_NAME = re.compile("[a-z0-9][a-z0-9-]{0,31}")
_DATABASES = ("sqlite:", "postgresql://", "mysql://")
_PASSWORD = re.compile(r"://[^/@]*:[^/@]*@")
_TWO = "one of secret_file and secret_env"


@dataclass(frozen=True)
class SourceSettings:
    """One named source. A secret stands in a file or in the environment, never here."""

    name: str = setting(
        zh="来源的名字：小写字母、数字、连字符", en="its name: small letters, digits, hyphens"
    )
    kind: SourceKind = setting(
        zh="file 文件，folder 监视的文件夹，nemo 接口，nemo-file 其导出的 JSON，sql 数据库查询",
        en="file, folder (watched), nemo (its interface), nemo-file (its fixture), sql (a query)",
    )
    place: str = setting(
        zh="文件或文件夹的路径；接口网址；sqlite:文件、postgresql://、mysql://（不含口令）",
        en="a path; the address; sqlite:FILE, postgresql://USER@HOST/DB, mysql:// (no password)",
    )
    mapping: str = setting(
        default="",
        zh="映射文件，相对本目录；file 和 folder 可空",
        en="the mapping, relative to this folder; file and folder may leave it empty",
    )
    when: str = setting(
        default="",
        zh="何时取，crontab 五段写法；空则只手动取；文件夹不用填",
        en="when to collect, five crontab fields; empty: by hand only; a folder needs none",
    )
    table: NemoTable = setting(
        default="", zh="NEMO：tools 或 usage_events", en="of NEMO: tools or usage_events"
    )
    query: str = setting(default="", zh="sql：一条 SELECT", en="of sql: one SELECT")
    key: str = setting(
        default="",
        zh="sql：主键的列名，提示中用它指出记录；空则第一列",
        en="of sql: the column that names a record in messages; empty: the first",
    )
    secret_file: str = setting(
        default="",
        zh="存放口令或令牌的文件，只有本账户可读",
        en="a file that holds the password or token, readable by this account alone",
    )
    secret_env: str = setting(
        default="", zh="存放口令或令牌的环境变量", en="the environment variable that holds it"
    )
    allow_private: bool = setting(
        default=False, zh="nemo：允许内网地址和http", en="of nemo: a private address, http too"
    )
    look_back_days: int = setting(
        default=92,
        zh="nemo：每次只取这几天内结束的使用事件，迟报和更正在内；0 则全取",
        en="of nemo: events that ended within so many days before the last run; 0: all",
    )
    still_seconds: int = setting(
        default=30,
        zh="folder：文件静止这么多秒才导入",
        en="of folder: a file is imported when it lay still for so long",
    )

    def __post_init__(self) -> None:
        """Judge what a type cannot; ValueError names the key."""
        if not _NAME.fullmatch(self.name):
            raise ValueError(f"name: a-z, 0-9, - and at most 32; found {self.name!r}")
        if not self.place or "\0" in self.place:
            raise ValueError(f"place: a path or an address; found {self.place!r}")
        if self.when and len(self.when.split()) != 5:
            raise ValueError(f"when: five fields; found {self.when!r}")
        if self.secret_file and self.secret_env:
            raise ValueError(f"secret_env: {_TWO}; found both")
        if not 0 <= self.look_back_days <= 3660:
            raise ValueError(f"look_back_days: 0 to 3660; found {self.look_back_days}")
        if not 2 <= self.still_seconds <= 3600:
            raise ValueError(f"still_seconds: 2 to 3600; found {self.still_seconds}")
        self._judge_kind()

    def _judge_kind(self) -> None:
        if self.kind in ("nemo", "nemo-file", "sql") and not self.mapping:
            raise ValueError(f"mapping: a file for kind {self.kind}; found ''")
        if (self.kind in ("nemo", "nemo-file")) != bool(self.table):
            raise ValueError(f"table: tools or usage_events for nemo alone; found {self.table!r}")
        if (self.kind == "sql") != bool(self.query):
            raise ValueError("query: one SELECT for kind sql alone; found another kind or none")
        if self.kind == "folder" and self.when:
            raise ValueError(
                f"when: nothing, a folder is watched all the time; found {self.when!r}"
            )
        if self.kind == "sql" and not self.place.startswith(_DATABASES):
            raise ValueError(f"place: {', '.join(_DATABASES)}; found something else")
        if _PASSWORD.search(self.place):
            raise ValueError("place: no password, it belongs into secret_file; found one")


def check_names(sources: tuple[SourceSettings, ...]) -> None:
    """Two of one name could not be told apart; ValueError."""
    names = [each.name for each in sources]
    if len(set(names)) < len(names):
        raise ValueError(f"sources: names that differ; found {', '.join(names)}")
