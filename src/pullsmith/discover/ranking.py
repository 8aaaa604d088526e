"""Events in, a ranked list of repositories out.

Takes the ``events`` table. Each event counts once, each pull request once, and programs not at all:
neither their pull requests nor their comments.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pullsmith.collect.messages import is_bot
from pullsmith.records import Record

if TYPE_CHECKING:
    import duckdb

# What GitHub calls a repository; whatever else stands in an event is counted, not passed on.
OWNER_NAME = r"[A-Za-z0-9][A-Za-z0-9-]*/[A-Za-z0-9._-]+"
# Branches that update programs make: with cut payloads the only sign of whose a merged one was.
BOT_BRANCH = (
    r"^(?:dependabot|renovate|greenkeeper|snyk-(?:fix|upgrade)|imgbot|pyup|pre-commit-ci|all-contributors"
    r"|depfu|scala-steward|mend-|whitesource)[-/]"
)


class RankedRepository(Record):
    """A repository and what its events say of it.

    ``merged_at_most`` is larger than ``merged`` where closed pull requests do not say whether they
    were merged. ``authors`` and ``reviewers`` are people; a reviewer has commented on or reviewed a
    pull request that is not known to be their own. Events say nothing of licences.
    """

    rank: int
    repository: str
    score: float
    merged: int
    merged_at_most: int
    closed: int
    review_comments: int
    authors: int
    reviewers: int
    licence: str = "unknown"


class Counts(Record):
    """What of the events was not used, and why."""

    events: int  # about pull requests, each once
    repeated_events: int
    bot_pull_requests: int
    odd_names: int  # repositories whose name is none GitHub gives
    repositories: int  # with at least as many merged pull requests as was asked for


_DISTINCT = """
CREATE TABLE once AS SELECT DISTINCT ON (id, created_at) * FROM events ORDER BY id, created_at, file
"""
_LOGINS = """
SELECT DISTINCT login FROM (SELECT actor AS login FROM once UNION ALL SELECT author FROM once)
WHERE login IS NOT NULL
"""
_ACCOUNTS = "SELECT DISTINCT bot_account FROM once WHERE bot_account IS NOT NULL"
_PULLS = f"""
CREATE TABLE pulls AS
WITH grouped AS (
    SELECT repo_id, number, min(author) AS author, bool_or(closed) AS closed,
        coalesce(bool_or(merged), false) AS merged,
        coalesce(bool_or(closed AND merged IS NULL), false) AS unsaid,
        coalesce(bool_or(regexp_matches(branch, '{BOT_BRANCH}')), false) AS bot_branch
    FROM once GROUP BY ALL
)
SELECT * EXCLUDE (bot_branch), unsaid AND NOT merged AS maybe_merged,
    CASE WHEN author IS NULL THEN bot_branch ELSE author IN (SELECT login FROM bots) END AS bot
FROM grouped
"""
_REPOSITORIES = f"""
CREATE TABLE repositories AS
WITH named AS (
    SELECT repo_id, max_by(repo_name, created_at || ' ' || repo_name) AS name, max(created_at) AS seen
    FROM once GROUP BY repo_id
    -- A name given up by one repository and taken by another belongs to the latest.
    QUALIFY row_number() OVER (PARTITION BY lower(name) ORDER BY seen DESC, repo_id DESC) = 1
), changes AS (
    SELECT repo_id, count(*) FILTER (merged) AS merged, count(*) FILTER (maybe_merged) AS maybe,
        count(*) FILTER (closed) AS closed, count(DISTINCT author) AS authors
    FROM pulls WHERE NOT bot GROUP BY repo_id
), talk AS (
    SELECT once.repo_id, count(*) FILTER (kind = 'comment') AS comments,
        count(DISTINCT actor) FILTER (pulls.author IS DISTINCT FROM actor) AS reviewers
    FROM once JOIN pulls USING (repo_id, number)
    WHERE kind IN ('comment', 'review') AND NOT bot AND actor NOT IN (SELECT login FROM bots)
    GROUP BY once.repo_id
)
SELECT name, regexp_full_match(name, '{OWNER_NAME}') AS usable, changes.merged, merged + maybe AS at_most,
    closed, coalesce(comments, 0) AS comments, authors, coalesce(reviewers, 0) AS reviewers
FROM named JOIN changes USING (repo_id) LEFT JOIN talk USING (repo_id)
WHERE at_most >= ?
"""
_RANKED = """
SELECT name, round(sqrt(at_most * (1.0 + comments)), 1) AS score, merged, at_most, closed, comments,
    authors, reviewers
FROM repositories WHERE usable ORDER BY score DESC, name LIMIT ?
"""
_COUNTS = """
SELECT (SELECT count(*) FROM once), (SELECT count(*) FROM events) - (SELECT count(*) FROM once),
    (SELECT count(*) FROM pulls WHERE bot), (SELECT count(*) FROM repositories WHERE NOT usable),
    (SELECT count(*) FROM repositories WHERE usable)
"""


def rank(
    connection: duckdb.DuckDBPyConnection, *, min_merged: int, top: int
) -> tuple[tuple[RankedRepository, ...], Counts]:
    """The best ``top`` repositories with at least ``min_merged`` merged pull requests, and what was left out.

    The score is the geometric mean of merged pull requests (at most) and review comments plus one;
    equal scores stand by name. Where no event fits, an empty list.
    """
    connection.execute(_DISTINCT)
    _name_bots(connection)
    connection.execute(_PULLS)
    connection.execute(_REPOSITORIES, [min_merged])
    rows = connection.execute(_RANKED, [top]).fetchall()
    ranked = tuple(
        RankedRepository(
            rank=place, repository=name, score=score, merged=merged, merged_at_most=at_most,
            closed=closed, review_comments=comments, authors=authors, reviewers=reviewers,
        )
        for place, (name, score, merged, at_most, closed, comments, authors, reviewers) in enumerate(rows, 1)
    )  # fmt: skip
    counts = connection.execute(_COUNTS).fetchone() or (0,) * 5
    return ranked, Counts.model_validate(dict(zip(Counts.model_fields, counts, strict=True)))


def _name_bots(connection: duckdb.DuckDBPyConnection) -> None:
    """The table ``bots``: accounts GitHub calls bots, and those collect would call so by their name."""
    connection.execute("CREATE TABLE bots (login VARCHAR)")
    bots = {login for (login,) in connection.execute(_ACCOUNTS).fetchall()}
    cursor = connection.execute(_LOGINS)
    while logins := cursor.fetchmany(10_000):
        bots |= {login for (login,) in logins if is_bot(re.sub(r"\s", " ", login), "")}
    if bots:
        connection.executemany("INSERT INTO bots VALUES (?)", [[login] for login in sorted(bots)])
