"""`config.yaml` of a gateway: read once at start, every key known, every default written out."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fenhe_client.keys.second_keys import SecondKeys
from fenhe_client.log_lines import LogForm, log_form
from fenhe_client.settings_file import load_settings
from fenhe_protocol.errors import Refused
from fenhe_protocol.settings import render_settings, setting


@dataclass(frozen=True)
class GatewayConfig:
    """Everything the gateway's operator may set."""

    hub_url: str = setting(
        zh="省平台的网址，与其根文档中的一致", en="the hub's address, as its root document says"
    )
    hub_fingerprint: str = setting(
        zh="省平台的指纹，当面核对", en="the hub's fingerprint, compared in person"
    )
    national_wsdl: str = setting(
        default="",
        zh="国家平台接口的WSDL地址；空为只取不报",
        en="its WSDL; empty: take, send nothing",
    )
    national_seconds: int = setting(
        default=30, zh="调用国家平台一次的时限", en="deadline of one call to the platform"
    )
    interval_seconds: int = setting(
        default=300, zh="多久取一次、报一次", en="how often to take and to send"
    )

    sm2_keys: tuple[str, ...] = setting(
        default=(),
        zh="省平台和单位的国密公钥，其检查点须有此签名；当面核对",
        en="SM2 keys of the hub and its units, whose line heads must carry; compared in person",
    )
    log_form: LogForm = log_form()

    @property
    def second(self) -> SecondKeys:
        """The SM2 keys as the follower asks them."""
        return SecondKeys.parse(self.sm2_keys)

    def __post_init__(self) -> None:
        if not self.hub_url.startswith(("https://", "http://")):
            raise ValueError("hub_url: https://…")
        try:
            SecondKeys.parse(self.sm2_keys)
        except Refused as error:
            raise ValueError(f"sm2_keys: {error}") from error
        if len(self.hub_fingerprint) != 64:
            raise ValueError("hub_fingerprint: 64 hex")
        for name in ("national_seconds", "interval_seconds"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} < 1")


def load_config(file: Path) -> GatewayConfig:
    """Read the file; SetupError names the key that is wrong."""
    return load_settings(GatewayConfig, file)


def write_config(file: Path, given: Mapping[str, Any]) -> None:
    """Write every key with its reason; `given` are the ones without default."""
    file.write_text(render_settings(GatewayConfig, given), encoding="utf-8")
