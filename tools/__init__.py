"""What happens beside Hubbub itself: the first start, the checks, the lock files."""
