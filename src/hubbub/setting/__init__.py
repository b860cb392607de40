"""What one setting of the server is: its kind of value, its place in the help, and its help."""
