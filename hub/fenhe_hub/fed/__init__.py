"""The hub's own log, `fed`: start at `round.FedRound`.

`advice` decides what is owed, `log` writes it, `index` follows it, `refusals` tells a unit what
only that unit may read.
"""
