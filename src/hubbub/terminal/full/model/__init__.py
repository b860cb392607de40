"""What the full-screen client knows and shows, without a screen: pure, and tested so."""
