"""`fenhe verify-evidence` of a finding: its file judged offline and re-told. Start at `told`.

`reckoned` counts again what can be counted; `told` says what follows and what does not.
"""
