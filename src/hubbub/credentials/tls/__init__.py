"""The certificates that a server gets by itself: from an authority of its own, or by ACME."""
