"""Templates of inserted lines: a bad line, its harmless twins, and what puts the bad one right.

Two sets with no line in common, one for each pool. In a template ``$x`` stands for: p a name in
scope, q the quote, v a variable, s a secret's name, S and m the same in capitals and in mixed case, x the secret's
value, c a command and l it as a list with p behind, t a table, k a column, w a note, n a plain
name, h a file's name in the code. Refuses to know the words.

The repair (``fix``) is the answer to the task, not part of what is shown, so both sets may give
the same one.
"""

from __future__ import annotations

from dataclasses import dataclass

from pullsmith.records import Split


@dataclass(frozen=True, slots=True)
class Template:
    """Inserted lines in their bad and good forms; an empty ``fix`` means the line should go."""

    bad: str
    good: tuple[str, ...]
    fix: str


def _secret(frame: str, *values: str, plain: str) -> Template:
    """A credential in ``frame`` (its ``@``), or another value there, or a harmless setting."""
    environment = "os.environ[$q$S$q]"
    good = tuple(frame.replace("@", value) for value in (environment, *values))
    return Template(frame.replace("@", "$q$x$q"), (*good, plain), frame.replace("@", environment))


def _shell(bad: str, *calls: str) -> Template:
    return Template(bad, tuple(f"{call}($l)" for call in calls), "subprocess.run($l)")


def _sql(cursor: str, statement: str, pasted: str) -> Template:
    good = f'{cursor}.execute("{statement}?", ($p,))'
    return Template(f"{cursor}.execute({pasted.replace('@', statement)})", (good,), good)


def _tls(call: str, *values: str) -> Template:
    """A request without a check; its twins have one of ``values``, or say nothing of checks."""
    frame = f"$v = {call}@)"
    good = tuple(frame.replace("@", value) for value in values)
    return Template(frame.replace("@", ", verify=False"), good, frame.replace("@", ", verify=True"))


def _evaluated(frame: str, *parsers: str) -> Template:
    """Text evaluated in ``frame`` (its ``@``), or parsed by one of ``parsers``."""
    good = tuple(frame.replace("@", f"{parser}($p)") for parser in parsers)
    return Template(frame.replace("@", "eval($p)"), good, good[0])


def _opened(mode: str, use: str, *good: str) -> Template:
    """A file opened and used, never closed; ``fix`` is the same in a with block."""
    block = f"with open($p{mode}) as $h:\n    {use}"
    return Template(f"$h = open($p{mode})\n{use}", (block, *good), block)


_QUOTED, _ADDED, _FORMATTED = "\"@'%s'\" % $p", '"@" + $p', 'f"@{$p}"'
_TRAIN_SECRET = ("os.getenv($q$S$q)", "load($p)")
_TRAIN_PLAIN, _EVAL_PLAIN = "$n = $q$w$q", "$n: str = $q$w$q"
_TRAIN_SHELL = ("subprocess.run", "subprocess.call")
_EVAL_SHELL = ("subprocess.check_call", "subprocess.Popen")

TEMPLATES: dict[Split, dict[str, tuple[Template, ...]]] = {
    Split.TRAIN: {
        "debug_print": (
            Template("print($p)", ("log.debug($p)",), ""),
            Template("print($q$w$q, $p)", ("log.debug($q$w %r$q, $p)",), ""),
            Template("print(f$q$w {$p}$q)", ("logger.info($q$w %s$q, $p)",), ""),
            Template("print($q$w$q)", ("logger.debug($q$w$q)",), ""),
        ),
        "secret": (
            _secret("$s = @", *_TRAIN_SECRET, plain=_TRAIN_PLAIN),
            _secret("self.$s = @", *_TRAIN_SECRET, plain=_TRAIN_PLAIN),
            _secret("config[$q$s$q] = @", *_TRAIN_SECRET, plain=_TRAIN_PLAIN),
            _secret("login($p, $s=@)", *_TRAIN_SECRET, plain=_TRAIN_PLAIN),
        ),
        "shell": (
            _shell("os.system($q$c $q + $p)", *_TRAIN_SHELL),
            _shell("subprocess.run($q$c $q + $p, shell=True)", *_TRAIN_SHELL),
            _shell("subprocess.call($q$c %s$q % $p, shell=True)", *_TRAIN_SHELL),
            _shell("os.popen($q$c $q + $p)", *_TRAIN_SHELL),
            _shell("subprocess.run(f$q$c {$p}$q, shell=True)", *_TRAIN_SHELL),
        ),
        "sql": (
            _sql("cur", "SELECT * FROM $t WHERE $k = ", _QUOTED),
            _sql("cur", "DELETE FROM $t WHERE $k = ", _ADDED),
            _sql("db", "SELECT $k FROM $t WHERE $k = ", _FORMATTED),
            _sql("db", "SELECT * FROM $t WHERE $k = ", _ADDED),
        ),
        "tls": (
            _tls("requests.get($p", ", verify=True", ""),
            _tls("requests.post($p, data=$v", ", verify=True", ""),
            _tls("session.get($p", ", verify=True", ""),
            _tls("requests.get($p, timeout=9", ", verify=True", ""),
        ),
        "eval": (
            _evaluated("$v = @", "json.loads", "int"),
            _evaluated("self.$v = @", "json.loads", "float"),
            _evaluated("$v.append(@)", "int", "json.loads"),
        ),
        "unclosed": (
            _opened("", "$v = $h.read()", "$v = Path($p).read_text()"),
            _opened(", ${q}rb$q", "$v = $h.read(4)", "$v = Path($p).read_bytes()[:4]"),
            _opened("", "$v = json.load($h)", "$v = json.loads(Path($p).read_text())"),
        ),
    },
    Split.EVAL: {
        "debug_print": (
            Template("print($q$w:$q, repr($p))", ("logging.info($q$w: %s$q, $p)",), ""),
            Template("print(type($p), $p)", ("logging.debug($p)",), ""),
            Template("print($q$w =$q, $p, flush=True)", ("self.log.debug($q$w = %s$q, $p)",), ""),
        ),
        "secret": (
            _secret("$s: str = @", "settings.$s", plain=_EVAL_PLAIN),
            _secret("$v = connect($p, $s=@)", "settings.$s", plain=_EVAL_PLAIN),
            _secret("options.$s = @", "settings.$s", plain=_EVAL_PLAIN),
        ),
        "shell": (
            _shell("subprocess.check_output($q$c $q + $p, shell=True)", *_EVAL_SHELL),
            _shell("subprocess.Popen(f$q$c {$p}$q, shell=True)", *_EVAL_SHELL),
            _shell("os.system($q$c %s$q % $p)", *_EVAL_SHELL),
        ),
        "sql": (
            _sql("conn", "UPDATE $t SET done = 1 WHERE $k = ", _ADDED),
            _sql("cursor", "SELECT count(*) FROM $t WHERE $k = ", _QUOTED),
            _sql("cursor", "DELETE FROM $t WHERE $k > ", _FORMATTED),
        ),
        "tls": (
            _tls("httpx.get($p", ", verify=ca_file", ""),
            _tls("session.put($p, json=$v", ", verify=ca_file", ""),
            _tls("client.request($p, timeout=5", ", verify=ca_file", ""),
        ),
        "eval": (
            _evaluated("$v = [@]", "ast.literal_eval", "Decimal"),
            _evaluated("options[$q$n$q] = @", "ast.literal_eval", "yaml.safe_load"),
        ),
        "unclosed": (
            _opened(
                ", newline=$q$q", "$v = list(csv.reader($h))", "$v = Path($p).read_text().split()"
            ),
            _opened(", ${q}w$q", "$h.write($q$w$q)", "Path($p).write_text($q$w$q)"),
        ),
    },
}
TWIN_KINDS: frozenset[str] = frozenset(TEMPLATES[Split.TRAIN])
