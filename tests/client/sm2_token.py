"""A stand-in for a token: signs what comes on stdin with the tests' SM2 key, in base64.

`python sm2_token.py` signs; with any argument it gives a signature that is not good.
"""

import sys

from fenhe_protocol.encoding import b64_encode
from tests import sm2

text = sys.stdin.buffer.read()
print(b64_encode(sm2.sign(sm2.SECRET, text if len(sys.argv) == 1 else b"another text")))
