"""``python -m pullsmith``."""

from pullsmith.cli import main

if __name__ == "__main__":
    main()
