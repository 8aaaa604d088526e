"""Branch: a model on the user's own commits, before they are a pull request.

Reads a range of the repository somebody stands in as collect reads pull requests, puts it to a model
as render and respond do, and gives the answers for the terminal. Nothing is stored but the calls.
"""
