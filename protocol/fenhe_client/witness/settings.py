"""How a configuration names a witness that somebody else runs; the same for units and hubs."""

from dataclasses import dataclass
from typing import Literal

from fenhe_client.fetching.addresses import PRIVATE_TOO, PUBLIC_ONLY
from fenhe_client.witness.submission import WitnessAddress
from fenhe_protocol.errors import Refused
from fenhe_protocol.keys import COSIGNATURE, VerifierKey
from fenhe_protocol.settings import setting

WitnessedLog = Literal["catalogue", "usage"]


@dataclass(frozen=True)
class WitnessSettings:
    """One witness: what it has cosigned, neither unit nor hub can take back (feed §9)."""

    key: str = setting(
        zh="见证人的公钥（<名称>+<编号>+<base64>），当面核对",
        en="its verifier key, compared in person",
    )
    url: str = setting(
        zh="提交检查点的网址，其下为 add-checkpoint",
        en="where heads are submitted: <url>/add-checkpoint",
    )
    logs: tuple[WitnessedLog, ...] = setting(
        default=("catalogue",),
        zh="交它见证的日志；服务日志的长度随之公开",
        en="which logs; the length of a usage log becomes public with it",
    )
    allow_private: bool = setting(
        default=False, zh="允许内网地址和http", en="a private address, http too"
    )

    def __post_init__(self) -> None:
        try:
            key = VerifierKey.parse(self.key)
        except Refused as error:
            raise ValueError(f"key: {error}") from error
        if key.kind != COSIGNATURE:
            raise ValueError("key: a cosigner's is needed (type 0x04)")
        if not self.url.startswith(("https://", "http://") if self.allow_private else "https://"):
            raise ValueError("url: https://…")

    @property
    def verifier(self) -> VerifierKey:
        """The key that it is believed by."""
        return VerifierKey.parse(self.key)

    @property
    def address(self) -> WitnessAddress:
        """Where and by which key it is asked."""
        reach = PRIVATE_TOO if self.allow_private else PUBLIC_ONLY
        return WitnessAddress(self.verifier, self.url.rstrip("/"), reach)
