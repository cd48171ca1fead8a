"""The node's own database: the only place in the node that speaks SQL. Start at `Store`.

    database   opening, transactions, errors
    tables     the tables, as numbered migrations
    imports    which file was imported, when and by whom; its columns, rows and problems
    records    the state of every record
    feed       what is published and what is planned
    hubs       the hubs that this node trusts
    calls      what came by instruInfo, and its running lists
    receipts   cosigned notes, and when what they cover was signed
    watching   how far each hub has got, as it shows and says itself

Trusted with what the unit's own disk is trusted with: contact persons stay in here.
"""

from fenhe_node.store.database import Store

__all__ = ["Store"]
