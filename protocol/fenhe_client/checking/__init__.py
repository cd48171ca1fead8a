"""The files of a log read again against its signed root, and healed.

`log_check` looks, `healing` mends; `proven` says which hashes the root vouches for.
"""
