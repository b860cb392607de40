"""Rooms as files: written for people and programs, and read from other chat programs."""
