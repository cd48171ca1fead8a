"""Lists that come by themselves, from the unit's own systems and folders. Start at `collect`.

collect     one named source, from its settings to the stored verdict
nemo_rest   NEMO's interface, page by page
sql         one SELECT on a local database, never a write
folder      a folder in which files are laid down
verdicts    what each run came to
secret      passwords and tokens, from a file or the environment
"""
