"""Public keys whose private halves are printed in documents: anybody signs with them.

Those of the worked example (feed §13), of RFC 8032 §7.1, and of a seed that was never drawn.
"""

from fenhe_protocol.encoding import b64_encode
from fenhe_protocol.errors import Refused
from fenhe_protocol.root_text import RootDocument

PUBLISHED: frozenset[bytes] = frozenset(
    map(
        bytes.fromhex,
        (
            "03a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8",  # seed 00…1f
            "29acbae141bccaf0b22e1a94d34d0bc7361e526d0bfe12c89794bc9322966dd7",  # seed 20…3f
            "2543b92ff1095511476adc8369db6ddc933665a11978dda1404ee1066ca9559d",  # seed 40…5f
            "174553b456dddfc6908ecab1c101fe6ab21e2baa0617795b7d43a63482993fd5",  # seed 60…7f
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",  # RFC 8032: 1
            "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",  # RFC 8032: 2
            "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",  # RFC 8032: 3
            "278117fc144c72340f67d0f2316e8386ceffbf2b2428c9c51fef7c597f1d426e",  # RFC 8032: 1k
            "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",  # RFC 8032: abc
            "3b6a27bcceb6a42d62a3a8d02a6f0d73653215771de243a63ac048a18b59da29",  # a seed of zeros
            "76a1592044a6e4f511265bca73a604d90b0529d1df602be30a19a9257660d1f5",  # a seed of ones
        ),
    )
)


def check_unpublished(document: RootDocument) -> None:
    """Refused `key.published` where a document lists a key that everybody has."""
    for public, purpose in document.purposes.items():
        if public in PUBLISHED:
            where = f"{document.origin} {purpose}"
            raise Refused("key.published", where=where, found=b64_encode(public))
