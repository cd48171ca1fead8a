"""`fenhe witness`: a small C2SP tlog-witness, for whoever wants to watch logs and run nothing else.

It remembers one head of each log, and cosigns what provably follows. Start at `service`.

    home        the folder: name, key, signed heads
    known_logs  whose checkpoints are judged, and by which keys
    units       logs known by their units' root documents
    service     one submitted checkpoint: judged, promised, cosigned
    web         the two addresses it answers at
    commands    init, add-log, add-unit, remove-log, status, serve
"""
