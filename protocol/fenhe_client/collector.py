"""How a program of ours uses Python's collector of cyclic garbage."""

import gc

MANY = 50_000


def relax() -> None:
    """Leave alone what was there at start, and look for cycles seldom.

    A long visit makes millions of small objects and no cycles; looking for them costs a tenth.
    """
    gc.freeze()
    gc.set_threshold(MANY)
