"""What a client keeps on disk: rooms as they were last seen, and lines that were not saved yet."""

from hubbub.client.cache.bounds import Bounds
from hubbub.client.cache.cache import Cache

__all__ = ["Bounds", "Cache"]
