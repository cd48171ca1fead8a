"""The hub's letters: queued durably (`outgoing.post`), sent by `serve` (`outgoing.send_due`).

`settings` says by which server and to whom.
"""
