"""What administrators ask of a server: a table of tasks, and the ways by which they are asked."""
