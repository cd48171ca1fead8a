"""How many examples a law takes whose examples cost more, or fewer, than most."""

from hypothesis import settings

_USUAL = 100


def examples(count: int) -> settings:
    """Try a law with `count` examples, and with as many times more as the profile in force asks."""
    return settings(max_examples=max(1, count * settings().max_examples // _USUAL))
