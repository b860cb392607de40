"""The screens: the first questions, the room, the help, and a question or two."""
