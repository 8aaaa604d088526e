"""Which pull requests are held out: by group, never by row, frozen once and never silently changed."""
