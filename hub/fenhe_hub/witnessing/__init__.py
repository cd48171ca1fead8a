"""How the hub lets others witness the heads that it mirrors: start at `asking.ask_witnesses`.

`memory` remembers whom to ask again when, `disagreement` what a witness saw otherwise, `status`
tells the operator; `own` is the witness that a hub may run for the logs of others.
"""
