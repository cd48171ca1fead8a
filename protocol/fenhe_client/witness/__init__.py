"""`fenhe witness`: a small C2SP tlog-witness, for whoever wants to watch logs and run nothing else.

home        the folder: name, key, signed heads
known_logs  whose checkpoints are judged, and by which keys
service     one submitted checkpoint: judged, promised, cosigned
web         the two addresses it answers at
commands    init, add-log, add-unit, remove-log, status, serve
"""
