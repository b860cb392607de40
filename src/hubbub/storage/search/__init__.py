"""Search: an index of what was said, in a file of its own, that reads the log behind its writer."""
