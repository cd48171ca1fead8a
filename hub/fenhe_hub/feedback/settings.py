"""`complaints`: how many the public form takes, and how long their words are kept."""

from dataclasses import dataclass

from fenhe_protocol.settings import setting


@dataclass(frozen=True)
class ComplaintSettings:
    """What the operator decides about the public form."""

    most_an_hour: int = setting(
        default=60, zh="一小时最多收几件投诉", en="complaints taken an hour, in all"
    )
    most_a_day_each: int = setting(
        default=5,
        zh="同一网络地址一天最多几件",
        en="complaints taken a day from one network address",
    )
    least_seconds: int = setting(
        default=5,
        zh="打开表单多久后才能提交（秒）",
        en="seconds that a form has to be open before it is sent",
    )
    keep_days: int = setting(
        default=1096,
        zh="办结几天后彻底删除密封内容（反映人、原文、答复）；编号、事项、日期、状态保留",
        en="days after closing until the sealed words are erased; the rest of the case stays",
    )

    def __post_init__(self) -> None:
        """Judge what a type cannot; ValueError names the key."""
        for name, least, most in (
            ("most_an_hour", 1, 10_000),
            ("most_a_day_each", 1, 10_000),
            ("least_seconds", 0, 600),
            ("keep_days", 30, 36_600),
        ):
            if not least <= getattr(self, name) <= most:
                raise ValueError(f"{name}: {least} to {most}; found {getattr(self, name)}")
