"""What the hub's office did and how things stand by it: tables derived from the acts in `fed`.

Start at `book.open_casework`. An act is durable in `waiting` before anybody is told that it is
done, and stands in `fed` a few seconds later; each domain says in its own module how an act
changes its tables. The tables may be deleted: they are made again from `fed` and what waits.
"""
