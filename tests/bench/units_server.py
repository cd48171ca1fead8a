"""Many units behind TLS, each on an address of its own, from one process; nothing ever changes.

`python -m tests.bench.units_server FOLDER UNITS`: writes FOLDER/ca.pem, prints where the units are,
waits. Every answer ends its connection, so that each request makes a new one. Answered from memory,
signatures unread: what is measured is who asks.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import ssl
import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from deploy.demo.ports import free_port
from fenhe_client.stored.files import FolderFiles
from fenhe_client.stored.head_store import HeadStore
from fenhe_client.writing.feed_writer import FeedWriter
from fenhe_protocol.checkpoint import KeyRange
from fenhe_protocol.entry import plain_entry
from fenhe_protocol.identifiers import uscc_check_character
from fenhe_protocol.keys import SigningKey
from fenhe_protocol.leaf import HeartbeatLeaf
from fenhe_protocol.root_document import LogKeys, compose_root, fingerprint, sign_root
from tests.bench.answering import answer
from tests.bench.usage import NOW

LOGS = ("catalogue", "usage")
_FIRST_ADDRESS = int(IPv4Address("127.0.1.1"))


@dataclass(frozen=True)
class Unit:
    """One unit: where it is, how it is enrolled, and its files by path."""

    address: str
    url: str
    fingerprint: str
    files: dict[str, bytes]


def make_unit(folder: Path, number: int, port: int) -> Unit:
    """One heartbeat in the catalogue, nothing in usage."""
    address = str(IPv4Address(_FIRST_ADDRESS + number))
    origin, url = f"u{number}.example/fenhe", f"https://{address}:{port}"
    code = f"1214000000{number:07}"
    log_key, root_key, request_key = (_key(number, purpose) for purpose in ("log", "root", "ask"))
    keys = (KeyRange(log_key.public),)
    text = compose_root(
        origin=origin,
        unit=code + uscc_check_character(code),
        url=url,
        time=NOW,
        root=[root_key.public],
        logs=[LogKeys(log, keys) for log in LOGS],
        request=[request_key.public],
    )
    files = {"root/1": sign_root(text, origin, [root_key])}
    heads = HeadStore(folder / "heads.sqlite")
    for log in LOGS:
        home = folder / str(number) / log
        writer = FeedWriter(f"{origin}/{log}", FolderFiles(home, home, log=log), heads)
        beats = [plain_entry(HeartbeatLeaf(NOW))] if log == "catalogue" else []
        writer.publish(beats, key=log_key, now=NOW)
        found = (file for file in home.rglob("*") if file.is_file())
        files |= {f"{log}/{file.relative_to(home).as_posix()}": file.read_bytes() for file in found}
    return Unit(address, url, fingerprint(text), files)


def _key(number: int, purpose: str) -> SigningKey:
    return SigningKey.from_seed(hashlib.sha256(f"{purpose} {number}".encode()).digest())


def make_certificate(folder: Path, addresses: list[str]) -> ssl.SSLContext:
    """One certificate of a made-up authority for all addresses; the authority's is `ca.pem`."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "bench.example")])
    start = datetime.now(UTC) - timedelta(hours=1)
    places = [x509.IPAddress(IPv4Address(address)) for address in addresses]
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName(places), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = certificate.public_bytes(serialization.Encoding.PEM)
    (folder / "ca.pem").write_bytes(pem)
    (folder / "key.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "ca.pem", folder / "key.pem")
    return context


async def serve(folder: Path, count: int) -> None:
    """Make the units and answer until killed."""
    port = free_port()
    units = [make_unit(folder, number, port) for number in range(count)]
    context = make_certificate(folder, [unit.address for unit in units])
    await answer({unit.address: unit.files for unit in units}, port, context)
    print(json.dumps([[unit.url, unit.fingerprint] for unit in units]), flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1]), int(sys.argv[2])))
