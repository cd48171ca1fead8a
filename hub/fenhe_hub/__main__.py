"""`python -m fenhe_hub` is `fenhe-hub`."""

import sys

from fenhe_hub.cli import main

if __name__ == "__main__":
    sys.exit(main())
