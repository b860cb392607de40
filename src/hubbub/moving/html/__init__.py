"""Export as pages that a browser opens from a folder, without a server and without scripts."""
