"""Tell a soak: `python -m tests.soak`. See `tests.soak`.

Where a law is broken it ends with 1 and leaves the folder; `--seed` tells the same story again.
"""

import argparse
import random
import shutil
import sys
import tempfile
from pathlib import Path

from tests.soak.soak import Plan, Soak, Violated

_MEMORY = Path("/dev/shm")


def main() -> int:
    """Print an epoch a line, then all in one."""
    options = _options()
    plan = Plan(
        units=options.units,
        kills=options.kills,
        seed=options.seed,
        epochs=options.epochs,
        seconds=options.seconds,
    )
    folder = Path(tempfile.mkdtemp(prefix="fenhe-soak-", dir=options.folder))
    print(f"seed {plan.seed}, in {folder}", flush=True)
    try:
        with Soak(plan, folder, lambda line: print(line, flush=True)) as soak:
            figures = soak.tell()
    except Violated as violated:
        print(f"✘ {violated}\nseed {plan.seed}; left as it is: {folder}", file=sys.stderr)
        return 1
    print(figures.line())
    if options.write:
        figures.keep()
    shutil.rmtree(folder)
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="soak")
    parser.add_argument("--units", type=int, default=1000)
    parser.add_argument("--kills", type=int, default=200, help="rounds killed in an epoch")
    parser.add_argument("--epochs", type=int, help="how many; else as many as fit")
    parser.add_argument("--seconds", type=float, default=None, help="after which none begins")
    parser.add_argument("--seed", default=str(random.SystemRandom().randrange(10**9)))
    parser.add_argument(
        "--folder",
        type=Path,
        default=_MEMORY if _MEMORY.is_dir() else None,
        help="where the files lie; in memory, unless another is named",
    )
    parser.add_argument("--write", action="store_true", help="the figures into docs/reliability.md")
    options = parser.parse_args()
    if options.epochs is None and options.seconds is None:
        parser.error("--epochs or --seconds")
    return options


if __name__ == "__main__":
    sys.exit(main())
