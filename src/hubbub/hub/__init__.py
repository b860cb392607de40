"""Runs the chat: sessions, names, presence, delivery, catch-up. Knows no wire and no socket."""
