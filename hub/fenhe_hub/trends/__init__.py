"""How things stood on each day, kept because no log says it: what the check found, day by day.

Start at `counting.count_day`, which a job calls; `daily` is the table. Also the sums that take too
long for a page. A lost file costs what was before: the courses begin anew.
"""
