"""The hubs of this unit: believed (`trust`), pushed to (`push`), looked at (`looking`)."""
