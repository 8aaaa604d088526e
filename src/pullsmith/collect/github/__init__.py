"""Pull requests out of GitHub's API: bounded, resumable, and suspicious of what it is told.

    client     the edge to githubkit: one request, sent once
    quota      when the next request may go out
    door       one request: cache, limits, retries; what came back is whole or an error
    wire       the fields of the API that are read, as models
    kept       what was fetched, on disk: nothing is asked for twice
    listing    which pull requests there are, newest merge first
    patch      the changed files, checked against two counts
    talk       reviews, threads, suggestions, closing issues
    rights     the licence files at the base
    pulls      one pull request as a record
    session    one repository's API, open; many questions beside each other
    source     all of them, in order, kept as they come
    hydrate    the same words for records that git gave

Needs the extra ``[github]``; importing the package does not.
"""
