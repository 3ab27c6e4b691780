"""`python -m eigenscale` is the command `eigenscale`."""

from eigenscale.cli.app import main

if __name__ == "__main__":
    raise SystemExit(main())
