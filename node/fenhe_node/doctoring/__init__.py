"""What is wrong with a node and what to do about it, each in a line: `doctor` and the console.

    facts       what there is to know, as values
    asking      the facts gathered: this machine, its files, its own address, hubs, the mail server
    checks      from facts to findings; `here` and `outside` have one function a subject. Pure
    finding     one line: how bad, what is the matter, what to do

Start at `asking.gather` and `checks.examine`.
"""
