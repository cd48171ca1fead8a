"""A home copied to another folder while it serves, and a home made from such a copy.

    content        what of a home goes into a backup: all but what signs, and what is locked
    copying        the copy itself, which no publish may fall into
    manifest       what a backup says of itself: whose, when, every file with its hash
    verifying      a backup read again: hashes, databases, every log against its signed head
    sealed_keys    private keys under a passphrase, in a file of their own
    putting_back   a home made from a backup; nothing is signed in it before the mirror was asked

Never in a backup is the store of heads (feed §9): a copy of it put back could sign another tree for
a size that was signed already. Without it the node signs nothing until `restore` has compared it
with the hub's mirror. Start at `making.back_up`.
"""
