"""The report's charts: each drawn wide and narrow, for the page, and as a file of its own."""
