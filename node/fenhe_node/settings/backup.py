"""`backup`: where copies of the home go by themselves; nowhere by default."""

from dataclasses import dataclass

from fenhe_protocol.settings import setting


@dataclass(frozen=True)
class BackupSettings:
    """One folder, on another disk if there is one."""

    to: str = setting(
        default="",
        zh="自动备份到这个目录，最好在另一块磁盘上；空则只手动备份",
        en="copies go to this folder, better on another disk; empty: only by hand",
    )
    at: str = setting(
        default="15 1 * * *",
        zh="何时备份，crontab 五段写法",
        en="when, as five crontab fields",
    )
    keep: int = setting(
        default=7,
        zh="保留最近几份；彻底删除的内容最迟随最旧的一份消失",
        en="how many stay; what was erased is gone for good with the oldest of them",
    )

    def __post_init__(self) -> None:
        """Judge what a type cannot; ValueError names the key."""
        if len(self.at.split()) != 5:
            raise ValueError(f"at: five fields; found {self.at!r}")
        if not 1 <= self.keep <= 1000:
            raise ValueError(f"keep: 1 to 1000; found {self.keep}")
