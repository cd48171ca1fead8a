"""The one writer of a log, and what takes bodies out of one. Start at `feed_writer`."""
