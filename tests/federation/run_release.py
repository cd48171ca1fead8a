"""Commands of one release, run one after the other in one process: a JSON line in, one out.

What is imported here is what PYTHONPATH says; `releases` starts it.
"""

import json
import sys
from contextlib import redirect_stdout
from io import BytesIO, TextIOWrapper

import fenhe_hub.cli
import fenhe_node.cli

_MAIN = {"fenhe-hub": fenhe_hub.cli.main, "fenhe-node": fenhe_node.cli.main}


def main() -> None:
    """Run `[program, argument…]` of each line until there are no more."""
    for line in sys.stdin:
        program, *arguments = json.loads(line)
        said = TextIOWrapper(BytesIO(), encoding="utf-8")
        with redirect_stdout(said):
            code = _MAIN[program](arguments)
        said.flush()
        said.seek(0)
        print(json.dumps({"code": code, "said": said.read()}), flush=True)


if __name__ == "__main__":
    main()
