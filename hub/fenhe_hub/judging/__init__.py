"""What a check needs besides rules and facts, and what is asked of its findings.

`kept_rules` has every rule set that was ever used, `working_days` the calendar, `office_facts` and
`overlays` what the office has said; `explaining` and `what_if` answer questions of people.
"""
