"""`python -m blindarena`."""

from blindarena.cli import main

if __name__ == "__main__":
    main()
