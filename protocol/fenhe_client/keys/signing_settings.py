"""How a program signs, as its `config.yaml` says: the same three keys for a unit and a hub.

A program puts them where they belong in its own file, for their order there is what people read.
"""

from typing import Any

from fenhe_protocol.settings import setting


def root_sign_command() -> Any:
    """A str: what signs root documents; empty: the seeds that are here."""
    return setting(
        default="",
        zh="签根文档的外部命令(如硬件令牌)：标准输入为要签的字节，输出 base64 签名；空则用密钥文件",
        en="signs root documents, as with a token: bytes on stdin, base64 out; empty: seed files",
    )


def sm2() -> Any:
    """A bool: whether checkpoints carry SM2-SM3 lines too."""
    return setting(
        default=False,
        zh="检查点是否再加一行国密签名(SM2-SM3)；密钥用 sm2-key 生成",
        en="whether checkpoints carry a second, SM2-SM3 signature; sm2-key makes its key",
    )


def sm2_sign_command() -> Any:
    """A str: what signs those lines; empty: the key file that is here."""
    return setting(
        default="",
        zh="签国密签名的外部命令(如密码机)：标准输入为要签的字节，输出 base64 的 r‖s；空则用文件",
        en="signs SM2 lines, as with a token: bytes on stdin, base64 of r‖s out; empty: a key file",
    )
