"""What the full-screen client costs a person: `python -m benchmarks.terminal`."""
