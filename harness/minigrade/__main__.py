"""Run minigrade as ``python -m minigrade``."""

from minigrade.edges.cli import main

if __name__ == "__main__":
    main()
