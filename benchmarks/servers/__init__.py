"""The servers that are measured, each started with its limits lifted."""
