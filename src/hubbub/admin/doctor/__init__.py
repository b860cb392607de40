"""Looks whether all is well with a server: its data, its disk, its clock, what it was told."""
