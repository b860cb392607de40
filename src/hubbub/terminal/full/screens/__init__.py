"""The screens: the first questions, the room, the help, lists and menus."""
