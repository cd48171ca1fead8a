"""Monthly and yearly reports, per unit and province, at a place of `fed` that is printed on them.

`counting` takes the facts from index and casework once, `kept` stores them under the place and says
their hash in `fed` (act `report.made`); `sheets` and `page` make the same bytes of the same facts.
Start at `making`.
"""
