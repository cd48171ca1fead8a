"""The province's hub: it mirrors what units sign, judges it, and passes it on unchanged.

    cli → operations → {web, jobs} → {sync, check, forward} → {mirror, index, fed}

`mirror/` on the disk is the truth: verbatim what each unit signed. `sync` brings it up to date, one
log at a time, as `planner` says; `ingest` turns its blocks into rows of `index`, which can be
deleted and rebuilt; `fed` is the hub's own voice, a feed like any other. Start at `sync`.
"""
