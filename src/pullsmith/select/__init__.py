"""Which pull requests are good enough to pay a teacher for, with secrets masked for all that follows."""
