"""Every parser that takes a stranger's bytes, against bytes that nobody thought of.

    target.py       what a parser is here: its reader, the errors that are its contract, its corpus
    rooms/          the parsers themselves, one table for each room; `rooms.ROOMS` names them
    engine.py       our own mutations, for `make test` and where atheris is not
    one.py          one parser in a process of its own, with atheris where that is installed
    counts.py       how far each run came, and the table in docs/reliability.md
    __main__.py     all of them on all cores

`make fuzz-parsers` runs all of them. What it finds becomes a named case (`Target.found`) first.
"""
