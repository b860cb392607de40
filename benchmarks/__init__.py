"""Measures Hubbub on this machine, beside bare C and ngircd: `python -m benchmarks`."""
