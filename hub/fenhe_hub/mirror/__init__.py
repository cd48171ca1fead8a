"""What units signed, file by file, and what the hub keeps beside it. Start at `log`."""
