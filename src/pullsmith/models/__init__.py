"""What is known about models by name alone: the kinds of names, families, limits, prices."""
