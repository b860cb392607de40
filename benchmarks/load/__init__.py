"""What makes the load: C programs, compiled on first use, and a person who joins rooms."""
