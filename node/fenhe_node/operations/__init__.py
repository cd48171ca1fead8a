"""What the node can do for you: one module a command, called by `cli` and nothing else."""
