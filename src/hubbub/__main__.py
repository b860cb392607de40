"""Runs the command line as `python -m hubbub`, the same as the command `hubbub`."""

from hubbub.cli import main

if __name__ == "__main__":
    main()
