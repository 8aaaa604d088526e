"""Pull requests out of git histories and generators: recorded as they are, decided about later."""
