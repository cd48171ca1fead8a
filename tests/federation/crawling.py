"""Everything that a stranger can get from a web server: from some addresses on, every link."""

import re
import urllib.error
import urllib.request
from collections import Counter, deque
from collections.abc import Iterable
from html import unescape
from urllib.parse import urljoin, urlsplit

_LINKS = re.compile(r"""(?:href|src|action)=["']([^"'#]+)""")
_ADDRESSES = re.compile(r'"(https?://[^"\s\\]+|/api/v1/[^"\s\\{]+)"')
_QUERIES_EACH = 12  # of one path: facets and sorting multiply without end
_MOST = 600


def crawl(base: str, starts: Iterable[str]) -> dict[str, bytes]:
    """What every address below `base` answers that is linked from the starts, by its path."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    waiting, seen = deque(urljoin(base, start) for start in starts), set[str]()
    queries: Counter[str] = Counter()
    answers: dict[str, bytes] = {}
    while waiting and len(answers) < _MOST:
        address = waiting.popleft()
        path = urlsplit(address).path
        if address in seen or not address.startswith(base) or queries[path] >= _QUERIES_EACH:
            continue
        seen.add(address)
        queries[path] += 1
        body, headers = _get(opener, address)
        answers[address.removeprefix(base)] = headers + b"\n" + body
        text = body.decode("utf-8", "ignore")
        found = (*_LINKS.findall(text), *_ADDRESSES.findall(text))
        waiting.extend(urljoin(address, unescape(link)) for link in found)
    return answers


def _get(opener: urllib.request.OpenerDirector, address: str) -> tuple[bytes, bytes]:
    try:
        with opener.open(address, timeout=30) as answer:
            return answer.read(), str(answer.headers).encode()
    except urllib.error.HTTPError as error:
        with error:
            return error.read(), str(error.headers).encode()
