"""The proof of a finding: one file that anybody judges offline (feed §15). Start at `finding`.

`grounds` finds what it stands on, `own_words` takes it from the hub's log, `whole_logs` from the
mirror. Nothing is decided here: `fenhe_protocol.finding_proof` judges the file.
"""
