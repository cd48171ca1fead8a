"""One unit's publisher: its files become a signed feed that anyone can serve and verify.

    cli                 arguments → operation → report and exit code
    operations/         what the node can do for you, one module a group of commands
    web/, jobs, chores  what a serving node does: files, pages, heartbeats, schedule
    importing, check, preview, changes, deletion, usage      the unit's records
    drafts, publish     changed records → judged bodies → signed leaves
    trust, hub_view     the hubs this node believes, and how far they have got
    heads, published    what this node has signed; what everyone may read of it
    store/, home, keys, config                               where all of it lies

Start at `operations.publish` to follow a record out of the house.
"""
