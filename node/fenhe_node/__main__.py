"""`python -m fenhe_node` is `fenhe-node`."""

import sys

from fenhe_node.cli import main

if __name__ == "__main__":
    sys.exit(main())
