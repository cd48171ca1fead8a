"""Lists that come by themselves, from the unit's own systems and folders. Start at `collect`.

collect     one named source, from its settings to the stored verdict
nemo_rest   NEMO's interface, page by page
sql         one SELECT on a local database, never a write
watching    one look at a folder; `folder` and `laid_down` are its parts
verdicts    what each run came to; `overview` tells of all
jobs        when a serving node collects by itself
secret      passwords and tokens, from a file or the environment; `script_token` is our own
"""
