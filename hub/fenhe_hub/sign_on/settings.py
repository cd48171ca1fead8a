"""`sign_on`: by whose service staff may sign in to the console as well."""

from dataclasses import dataclass

from fenhe_protocol.settings import setting


@dataclass(frozen=True)
class SignOnSettings:
    """One OpenID Connect provider; accounts and roles stay the hub's own."""

    issuer: str = setting(
        default="",
        zh="统一身份服务的 issuer 地址；空则只用口令登录",
        en="issuer of the OpenID Connect provider; empty: passwords alone",
    )
    client_id: str = setting(
        default="", zh="在统一身份服务登记的客户端编号", en="client id registered there"
    )
    client_secret_file: str = setting(
        default="",
        zh="存放客户端密钥的文件，只有本账户可读；相对路径从目录 DIR 算起；没有密钥则空",
        en="a file that holds the client secret, for this account alone; empty: a public client",
    )
    console_url: str = setting(
        default="",
        zh="浏览器打开管理台的地址，登记的回调是它加 /sign-in/back",
        en="address of the console in a browser; the redirect registered is it and /sign-in/back",
    )
    account_claim: str = setting(
        default="preferred_username",
        zh="令牌里哪一项是账号名",
        en="which claim of the token names the account",
    )
    label: str = setting(default="统一身份登录", zh="按钮上的字", en="what its button says")
    private: bool = setting(
        default=False,
        zh="统一身份服务在内网（允许内网地址和 http）",
        en="the provider is in the internal network: private addresses and http are allowed",
    )

    def __post_init__(self) -> None:
        if not self.issuer:
            return
        for name in ("client_id", "console_url", "account_claim"):
            if not getattr(self, name):
                raise ValueError(f"{name}: 与 issuer 一起填写 with issuer; found ''")
        schemes = ("https://", "http://") if self.private else ("https://",)
        for name in ("issuer", "console_url"):
            if not getattr(self, name).startswith(schemes):
                found = getattr(self, name)
                raise ValueError(f"{name}: {' '.join(schemes)}; found {found!r}")

    @property
    def redirect_uri(self) -> str:
        """Where the provider sends the browser back."""
        return f"{self.console_url.rstrip('/')}/sign-in/back"
