"""What somebody of the office must hear of: one alarm a cause, and a letter when there is news.

`causes` and `digest` decide and are pure, `gathered` finds the facts, `daily` is the job of
`serve`, `figures` are the numbers that `/metrics` and `/healthz` show.
"""
