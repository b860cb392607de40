"""Looks at files that people send, in a process of its own: what they are, and, of pictures, what
nobody meant to send with them is taken out.
"""

from hubbub.pictures.examining import Examined, Examiner

__all__ = ["Examined", "Examiner"]
