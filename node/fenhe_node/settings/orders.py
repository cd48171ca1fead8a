"""`orders`: whether the public may ask for a service here, and within which bounds."""

from dataclasses import dataclass

from fenhe_protocol.settings import setting

CONSENT = (
    "本单位为办理这次服务使用您填写的内容，只保存在本单位。服务完成后形成服务记录：时间、机时、费用、"
    "用户类别报省平台；姓名、电话、邮箱、单位只加密上报国家平台，省平台打不开。其余到期删除。"
)


@dataclass(frozen=True)
class OrderSettings:
    """What the unit decides about service requests."""

    open: bool = setting(
        default=False,
        zh="在公共网页上接受服务申请；没有预约系统的单位用",
        en="take service requests on the public pages, where there is no booking system",
    )
    consent: str = setting(
        default=CONSENT,
        zh="申请人提交前须同意的说明",
        en="what an applicant has to agree to before sending",
    )
    keep_days: int = setting(
        default=365,
        zh="申请最后一次变动几天后删除；服务记录不受影响",
        en="days after the last word until a request is deleted; the service record stays",
    )
    most_a_day: int = setting(
        default=100, zh="一天最多接受几份申请", en="requests taken a day, in all"
    )
    most_a_day_each: int = setting(
        default=10,
        zh="同一网络地址一天最多几份",
        en="requests taken a day from one network address",
    )

    def __post_init__(self) -> None:
        """Judge what a type cannot; ValueError names the key."""
        if not 1 <= self.keep_days <= 3660:
            raise ValueError(f"keep_days: 1 to 3660; found {self.keep_days}")
        if not 1 <= self.most_a_day <= 10_000:
            raise ValueError(f"most_a_day: 1 to 10000; found {self.most_a_day}")
        if not 1 <= self.most_a_day_each <= 10_000:
            raise ValueError(f"most_a_day_each: 1 to 10000; found {self.most_a_day_each}")
        if not 1 <= len(self.consent) <= 2000:
            raise ValueError("consent: 1 to 2000 characters")
