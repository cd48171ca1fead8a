"""One parser in a process of its own: `python -m tests.fuzz.one ROOM TARGET CORPUS ...`.

Guided by atheris, the packages are instrumented as they are imported, so that it sees which
branches an input reached, and keeps in the folder CORPUS what reached new ones; that is why nothing
of ours is imported above. Blindly, `engine` mutates what lies there, several times as fast. Either
way an input that takes longer than `SECONDS_AN_INPUT`, or memory that no answer may need, ends the
process as an exception does, and lies among the findings. SIGTERM ends what is done blindly as if
its seconds were over.
"""

import argparse
import importlib
import random
import resource
import signal
import sys
import tempfile
import time
from pathlib import Path
from types import FrameType
from typing import Any

PACKAGES = ["fenhe_protocol", "fenhe_client", "fenhe_node", "fenhe_hub"]
SECONDS_AN_INPUT = 20
LONGEST_WORD = 5000  # bytes by which a blind mutation may exceed what is large for its parser
SLOW = 3  # seeds: what takes longer than so many of them is mutated no further
MOST_MEMORY = 2048  # MiB of the whole process, imports and all


def main() -> None:
    """Run; a line on the standard error says how far it came."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz.one")
    parser.add_argument("room")
    parser.add_argument("target")
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--guided", action="store_true", help="by atheris")
    parser.add_argument("--executions", type=int, default=1_000_000)
    parser.add_argument("--seconds", type=int, default=600, help="of the processor's time")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--findings", type=Path, default=Path("fuzz-findings"))
    options = parser.parse_args()
    options.findings.mkdir(parents=True, exist_ok=True)
    if options.guided:
        atheris = importlib.import_module("atheris")
        with atheris.instrument_imports(include=PACKAGES):
            target = _target(options)
        _run_guided(atheris, target, options)
    _run_blindly(_target(options), options)


def _target(options: argparse.Namespace) -> Any:
    room = importlib.import_module(f"tests.fuzz.rooms.{options.room}")
    return next(each for each in room.TARGETS if each.name == options.target)


def _run_guided(atheris: Any, target: Any, options: argparse.Namespace) -> None:
    """Does not return: the process ends with what libFuzzer has to say."""
    with tempfile.TemporaryDirectory() as folder:
        words = Path(folder, "words")
        words.write_text("".join(f'"{_escaped(word)}"\n' for word in target.words))
        for number, seed in enumerate(target.seeds):
            (options.corpus / f"{number:04}").write_bytes(seed)
        given = [sys.argv[0], str(options.corpus), f"-seed={options.seed}"]
        given += [f"-dict={words}"] if target.words else []
        given += [f"-runs={options.executions}", f"-max_total_time={options.seconds}"]
        # Seconds of the clock, and others may be at work on the machine.
        given += [f"-timeout={3 * SECONDS_AN_INPUT}", f"-rss_limit_mb={MOST_MEMORY}"]
        given += [f"-max_len={target.largest}", "-print_final_stats=1", "-verbosity=0"]
        given += [f"-artifact_prefix={options.findings}/{_name_of(target)}-"]
        atheris.Setup(given, target.run)
        atheris.Fuzz()


def _escaped(word: bytes) -> str:
    return "".join(f"\\x{byte:02x}" for byte in word[:64])


def _run_blindly(target: Any, options: argparse.Namespace) -> None:
    # Imported late: it must not come before what atheris instruments.
    engine = importlib.import_module("tests.fuzz.engine")
    resource.setrlimit(resource.RLIMIT_AS, (2 * MOST_MEMORY << 20, 2 * MOST_MEMORY << 20))
    signal.signal(signal.SIGPROF, _too_long)
    told: list[int] = []  # to stop
    signal.signal(signal.SIGTERM, lambda number, _: told.append(number))
    count, data = 0, b""
    try:
        kept = _quick(target, [each.read_bytes() for each in sorted(options.corpus.iterdir())])
        inputs = engine.mutants([*target.seeds, *kept], target.words, random.Random(options.seed))
        for data in target.found.values():
            target.run(data)
        while count < options.executions:
            if count % 256 == 0:
                # Of all of these: none takes a tenth of a second. The processor's time, for
                # others may want the machine more than this.
                signal.setitimer(signal.ITIMER_PROF, SECONDS_AN_INPUT)
                if told or time.process_time() > options.seconds:
                    break
            data = next(inputs)[: target.largest + LONGEST_WORD]
            target.run(data)
            count += 1
    except BaseException:
        (options.findings / f"{_name_of(target)}-crash-{count}").write_bytes(data)
        raise
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        print(f"stat::number_of_executed_units: {count}", file=sys.stderr)


def _quick(target: Any, kept: list[bytes]) -> list[bytes]:
    """Those that take no longer than a few of the seeds: one sheet of 65,536 rows is read once."""
    most = SLOW * max(_seconds(target, seed) for seed in (target.seeds[0], *target.seeds))
    return [raw for raw in kept if _seconds(target, raw) <= most]


def _seconds(target: Any, raw: bytes) -> float:
    began = time.process_time()
    target.run(raw)
    return time.process_time() - began


def _name_of(target: Any) -> str:
    return str(target.name).replace(" ", "-")


def _too_long(_number: int, _frame: FrameType | None) -> None:
    raise TimeoutError(f"longer than {SECONDS_AN_INPUT} s")


if __name__ == "__main__":
    main()
