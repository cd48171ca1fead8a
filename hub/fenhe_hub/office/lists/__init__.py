"""Lists that the office keeps in Excel, taken into its registers. Start at `reading.read_list`.

columns   which header means what; what a person may correct
reading   rows with their values, and what is wrong in which cell
values    one cell to one value
forms     the lists there are: obliged units, authorities, reviews, evaluations
"""
