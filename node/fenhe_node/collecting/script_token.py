"""The token by which scripts may import here; only its SHA-256 is kept, so it is shown once."""

import hashlib
import hmac
import secrets
from pathlib import Path

from fenhe_client.stored.disk import replace_files
from fenhe_client.stored.private_file import PrivateDisk

FILE = "import-token"


def new_token(home: Path) -> str:
    """Make a token in place of the former one, which is worth nothing from now on."""
    token = f"fenhe-{secrets.token_urlsafe(32)}"
    replace_files(PrivateDisk(), {home / FILE: f"{_digest(token)}\n".encode()})
    return token


def is_token(home: Path, given: str) -> bool:
    """Whether this is the token; never where none was made."""
    try:
        kept = (home / FILE).read_text("ascii").strip()
    except (OSError, UnicodeDecodeError):
        return False
    return len(kept) == 64 and hmac.compare_digest(kept, _digest(given))


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
