"""What can keep a measurement from counting."""


class Failed(Exception):
    """A measurement that did not come about, or that does not count. The text is for people."""
