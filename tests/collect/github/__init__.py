"""Tests of GitHub's API as a source, against a server that plays GitHub."""
