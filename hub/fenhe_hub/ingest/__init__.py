"""From the mirror's files to the index: judged, obeyed, settled. Start at `log`."""
