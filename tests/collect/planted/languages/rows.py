"""One planted row and one near miss for each language and kind: (path, kind, file, line, defective).

All of it written for these tests. A near miss looks like the row and must not be planted.
"""

from __future__ import annotations

from typing import NamedTuple


class Row(NamedTuple):
    path: str
    kind: str
    text: str
    line: int
    defective: str


class Near(NamedTuple):
    """``text`` has no site of ``kind``; ``why`` is what would be wrong with one."""

    path: str
    kind: str
    text: str
    why: str


def js(*lines: str) -> str:
    return "\n".join(("function f(a, b, n) {", *lines, "}", ""))


def go(*lines: str) -> str:
    return "\n".join(("package p", "func f(a, b, n int) int {", *lines, "}", ""))


def java(*lines: str) -> str:
    return "\n".join(("class A {", "int f(int a, int b, int n) {", *lines, "}", "}", ""))


def rust(*lines: str) -> str:
    return "\n".join(("fn f(a: usize, b: usize, n: usize) -> usize {", *lines, "}", ""))


ROWS = [
    # javascript
    Row("a.js", "inverted", js("  if (a) b();"), 2, "  if (!a) b();"),
    Row("a.js", "inverted", js("  if (!a.b) b();"), 2, "  if (a.b) b();"),
    Row("a.js", "inverted", js("  if (!(a && b)) n();"), 2, "  if (a && b) n();"),
    Row("a.js", "inverted", js("  if (a === 1) b();"), 2, "  if (a !== 1) b();"),
    Row("a.js", "inverted", js("  if (a != b) n();"), 2, "  if (a == b) n();"),
    Row("a.js", "inverted", js("  if (a instanceof B) n();"), 2, "  if (!(a instanceof B)) n();"),
    Row("a.js", "inverted", js("  if ('x' in a) n();"), 2, "  if (!('x' in a)) n();"),
    Row("a.js", "inverted", js("  return a ? b : n;"), 2, "  return !a ? b : n;"),
    Row("a.js", "inverted", js("  if (n) {", "  } else if (a.b()) {", "  }"), 3, "  } else if (!a.b()) {"),
    Row("a.jsx", "inverted", js("  return <p>{a ? b : n}</p>;"), 2, "  return <p>{!a ? b : n}</p>;"),
    Row("a.js", "boundary", js("  if (a < n) b();"), 2, "  if (a <= n) b();"),
    Row("a.js", "boundary", js("  while (a >= n) a = b();"), 2, "  while (a > n) a = b();"),
    Row("a.js", "boundary", js("  return a.length > 0;"), 2, "  return a.length >= 0;"),
    Row("a.js", "off_by_one", js("  return a[a.length - 1];"), 2, "  return a[a.length];"),
    Row("a.js", "off_by_one", js("  return 2 * (n + 1);"), 2, "  return 2 * n;"),
    Row("a.js", "off_by_one", js("  if (n - 1) b();"), 2, "  if (n) b();"),
    Row("a.js", "off_by_one", js("  for (let i = 0; i < n; i++) b(i);"), 2, "  for (let i = 0; i <= n; i++) b(i);"),
    Row("a.js", "off_by_one", js("  for (let i = 0; i < n; i++) b(i);"), 2, "  for (let i = 1; i < n; i++) b(i);"),
    Row("a.js", "lost_return", js("  b(n);", "  return a.map(n);"), 3, "  a.map(n);"),
    Row("a.js", "lost_return", js("  b(n);", "  return await a(n);").replace("function", "async function"), 3, "  await a(n);"),
    Row("a.js", "lost_return", js("  if (a) return b(a);", "  return n;"), 2, "  if (a) b(a);"),
    Row("a.js", "lost_return", js("  if (a) {", "    return b(a);", "  }", "  return n;"), 3, "    b(a);"),
    Row("a.js", "swapped", js("  return join(a, b);"), 2, "  return join(b, a);"),
    Row("a.js", "swapped", js("  return new Pair(n, a, b);"), 2, "  return new Pair(n, b, a);"),
    Row("a.js", "swapped", "copy(source, target);\n", 1, "copy(target, source);"),
    Row("a.js", "swapped", "const copy = (one, two) => one;\ncopy(one, other);\n", 2, "copy(other, one);"),
    # typescript
    Row("a.ts", "inverted", "if (a!.b === c) d();\n", 1, "if (a!.b !== c) d();"),
    Row("a.tsx", "inverted", "const b = <p>{!a ? 1 : 2}</p>;\n", 1, "const b = <p>{a ? 1 : 2}</p>;"),
    Row("a.ts", "boundary", "const b: boolean = a.size <= 3;\n", 1, "const b: boolean = a.size < 3;"),
    Row("a.ts", "off_by_one", "const b = a[(n + 1) as number];\n", 1, "const b = a[n as number];"),
    Row("a.ts", "off_by_one", "for (let i: number = 1; i <= n; i++) {}\n", 1, "for (let i: number = 0; i <= n; i++) {}"),
    Row("a.ts", "lost_return", "function f(a) {\n  b();\n  return a.c<string>();\n}\n", 3, "  a.c<string>();"),
    Row("a.ts", "lost_return", "function f(a): D {\n  if (a) {\n    return b(a);\n  }\n  return c;\n}\n", 3, "    b(a);"),
    Row("a.ts", "swapped", "function f(a: string, b: string) {\n  return g(a, b);\n}\n", 2, "  return g(b, a);"),
    Row("a.ts", "swapped", "function g(x: A, y: A) {}\nfunction f(x) {\n  g(x, z);\n}\n", 3, "  g(z, x);"),
    # go
    Row("a.go", "inverted", go("\tif err != nil {", "\t}"), 3, "\tif err == nil {"),
    Row("a.go", "inverted", go("\tif v, ok := m[a]; ok {", "\t}"), 3, "\tif v, ok := m[a]; !ok {"),
    Row("a.go", "inverted", go("\tif !(x && y) {", "\t}"), 3, "\tif x && y {"),
    Row("a.go", "inverted", go("\tif !(x == T{}) {", "\t}"), 3, "\tif (x == T{}) {"),
    Row("a.go", "boundary", go("\tif len(s) > 0 {", "\t}"), 3, "\tif len(s) >= 0 {"),
    Row("a.go", "boundary", go("\tfor a < b {", "\t}"), 3, "\tfor a <= b {"),
    Row("a.go", "off_by_one", go("\treturn s[:len(s)-1]"), 3, "\treturn s[:len(s)]"),
    Row("a.go", "off_by_one", go("\tfor i := 0; i < n; i++ {", "\t}"), 3, "\tfor i := 0; i <= n; i++ {"),
    Row("a.go", "off_by_one", go("\tfor i := 0; i < n; i++ {", "\t}"), 3, "\tfor i := 1; i < n; i++ {"),
    Row("a.go", "lost_return", go("\tif a > b {", "\t\treturn s.find(n)", "\t}", "\treturn n"), 4, "\t\ts.find(n)"),
    Row("a.go", "swapped", go("\treturn sub(a, b)"), 3, "\treturn sub(b, a)"),
    Row("a.go", "swapped", "package p\n\nfunc f() {\n\tvar x, y int\n\tdraw(x, y)\n}\n", 5, "\tdraw(y, x)"),
    # java
    Row("A.java", "inverted", java("  if (!names.isEmpty()) g();"), 3, "  if (names.isEmpty()) g();"),
    Row("A.java", "inverted", java("  if (o instanceof String) g();"), 3, "  if (!(o instanceof String)) g();"),
    Row("A.java", "inverted", java("  return o == null ? 1 : 2;"), 3, "  return o != null ? 1 : 2;"),
    Row("A.java", "boundary", java("  if (a >= b) g();"), 3, "  if (a > b) g();"),
    Row("A.java", "off_by_one", java("  char c = (char) (a + 1);"), 3, "  char c = (char) a;"),
    Row("A.java", "off_by_one", java("  for (int i = 0; i < n; i++) g(i);"), 3, "  for (int i = 0; i <= n; i++) g(i);"),
    Row("A.java", "off_by_one", java("  for (int i = 1; i < n; i++) g(i);"), 3, "  for (int i = 0; i < n; i++) g(i);"),
    Row("A.java", "lost_return", java("  if (a == b) {", "    return g(a);", "  }", "  return n;"), 4, "    g(a);"),
    Row("A.java", "lost_return", java("  if (a == b) return this.g(a);", "  throw new E();"), 3, "  if (a == b) this.g(a);"),
    Row("A.java", "swapped", java("  return range(a, b);"), 3, "  return range(b, a);"),
    Row("A.java", "swapped", "class A {\n  A(String name, String value) {\n    super(name, value);\n  }\n}\n", 3, "    super(value, name);"),
    # rust
    Row("a.rs", "inverted", rust("    if a.is_empty() {", "    }"), 2, "    if !a.is_empty() {"),
    Row("a.rs", "inverted", rust("    if matches!(a, B) {", "    }"), 2, "    if !matches!(a, B) {"),
    Row("a.rs", "inverted", rust("    let c = if a == b { 1 } else { 2 };"), 2, "    let c = if a != b { 1 } else { 2 };"),
    Row("a.rs", "boundary", rust("    while a < b {", "    }"), 2, "    while a <= b {"),
    Row("a.rs", "off_by_one", rust("    for i in 0..n {", "    }"), 2, "    for i in 0..=n {"),
    Row("a.rs", "off_by_one", rust("    for i in (0..n).rev() {", "    }"), 2, "    for i in (1..n).rev() {"),
    Row("a.rs", "off_by_one", rust("    let c = &s[1..=n];"), 2, "    let c = &s[1..n];"),
    Row("a.rs", "off_by_one", rust("    let c = (n - 1) as u8;"), 2, "    let c = n as u8;"),
    Row("a.rs", "lost_return", rust("    if a == b {", "        return count(&s);", "    }", "    n"), 3, "        count(&s);"),
    Row("a.rs", "swapped", rust("    sub(a, b)"), 2, "    sub(b, a)"),
]  # fmt: skip

NEAR = [
    # javascript
    Near("a.js", "inverted", js("  if (a && b) n();"), "either half could be meant"),
    Near("a.js", "inverted", js("  const s = `${a ? b : n}`; // if (a) b();"), "in a template, in a comment"),
    Near("a.js", "inverted", js('  n("if (a) b()");'), "in a string"),
    Near("a.js", "inverted", js("  while (a) b();"), "no if"),
    Near("a.js", "boundary", js("  if (a > n) a = n;"), "the smaller of two"),
    Near("a.js", "boundary", js("  if (a > n) return n;"), "the smaller of two"),
    Near("a.js", "boundary", js("  return a < 0 ? -a : n;"), "0 is -0"),
    Near("a.js", "boundary", js("  return Math.random() < b;"), "a measured value"),
    Near("a.js", "boundary", js("  return Date.now() > b;"), "a moment more or less"),
    Near("a.js", "boundary", js("  return a.size < b.size;"), "an order"),
    Near("a.js", "boundary", js("  for (let i = 0; i < n; i++) b(i);"), "off by one in a loop header"),
    Near("a.jsx", "off_by_one", js("  return <p>n - 1</p>;"), "text"),
    Near("a.js", "boundary", js("  return /a < b/.test(n);"), "a regular expression"),
    Near("a.js", "off_by_one", js("  a = a + 1;"), "a = a"),
    Near("a.js", "off_by_one", js("  return 'n' + 1;"), "pasted to a text"),
    Near("a.js", "off_by_one", js("  return n & (n - 1);"), "a mask"),
    Near("a.js", "off_by_one", js("  return (1 << n) - 1;"), "a mask"),
    Near("a.js", "off_by_one", js("  return n - 10;"), "ten is not one"),
    Near("a.js", "off_by_one", js("  for (let i = 2; i !== n; i++) b(i);"), "no bound to move"),
    Near("a.js", "lost_return", js("  return a(b);"), "the only statement"),
    Near("a.js", "lost_return", js("  n();", "  return callback(b);"), "called for its effect"),
    Near("a.js", "lost_return", js("  n();", "  return settle(resolve, a);"), "the result is handed on"),
    Near("a.js", "lost_return", js("  n();", "  return new A(b);"), "no call"),
    Near("a.js", "lost_return", js("  n();", "  return (a || b)(n);"), "would belong to the line above"),
    Near("a.js", "lost_return", js("  if (n) return a(b);"), "nothing follows"),
    Near("a.js", "lost_return", js("  if (n) return a(b);", "  else return b;"), "an else"),
    Near("a.js", "swapped", js("  return Math.max(a, b);"), "the same either way"),
    Near("a.js", "swapped", js("  console.log(a, b);"), "only written"),
    Near("a.js", "swapped", js("  return join(x1, x2);"), "nobody can tell the order"),
    Near("a.js", "swapped", js("  return join(a, 1, b);"), "no neighbours"),
    Near("a.js", "swapped", js("  return join(a, a);"), "no change"),
    Near("a.js", "swapped", js("  return join(", "    a,", "    b);"), "two lines"),
    # typescript
    Near("a.ts", "boundary", "const a: Array<B> = f<C>(d);\n", "generics"),
    Near("a.ts", "inverted", "type A<T> = T extends B ? C : D;\n", "a type"),
    Near("a.ts", "off_by_one", "enum A { B = 1 << 1 }\n", "no sum"),
    Near("a.ts", "lost_return", "function f(a): D {\n  b();\n  return c(a);\n}\n", "the compiler misses the return"),
    Near("a.ts", "swapped", "function f(a: string, b: number) {\n  return g(a, b);\n}\n", "two types"),
    Near("a.ts", "swapped", "function f(a: string, b?: string) {\n  return g(a, b);\n}\n", "two types"),
    # go
    Near("a.go", "inverted", go("\tfor x {", "\t}"), "no if"),
    Near("a.go", "boundary", go("\tif a > b {", "\t\tb = a", "\t}"), "the larger of two"),
    Near("a.go", "boundary", go("\tif cmp < 0 {", "\t}"), "equal ones are gone"),
    Near("a.go", "boundary", go("\tvar c <-chan int"), "a channel"),
    Near("a.go", "off_by_one", go("\tn = n - 1"), "n = n"),
    Near("a.go", "off_by_one", go("\tx := 1 + 2"), "no one to lose"),
    Near("a.go", "lost_return", go("\tx()", "\treturn g(a)"), "the compiler misses the return"),
    Near("a.go", "lost_return", go("\tif a > b {", "\t\treturn len(s)", "\t}", "\treturn n"), "no statement"),
    Near("a.go", "lost_return", go("\tif a > b {", "\t\treturn g(a), nil", "\t}", "\treturn n"), "two values"),
    Near("a.go", "swapped", "package p\n\nfunc f(a int, b string) {\n\tg(a, b)\n}\n", "two types"),
    Near("a.go", "swapped", "package p\n\nfunc f(b, a int) {\n\tg(a, b)\n}\n", "nobody can tell the order"),
    # java
    Near("A.java", "inverted", java("  if (o instanceof String s) g(s);"), "s is out of scope"),
    Near("A.java", "boundary", java("  List<List<A>> c = new ArrayList<>();"), "generics"),
    Near("A.java", "off_by_one", java("  List<A> c = new ArrayList<>(n + 1);"), "only room"),
    Near("A.java", "off_by_one", '@Size(max = B - 1)\nclass A {\n}\n', "an annotation"),
    Near("A.java", "lost_return", java("  g(a);", "  return g(b);"), "the compiler misses the return"),
    Near("A.java", "lost_return", java("  if (a == b) { return g(a); } else { return n; }"), "the compiler misses the return"),
    Near("A.java", "swapped", "class A {\n  void f(int a, long b) {\n    g(a, b);\n  }\n}\n", "two types"),
    # rust
    Near("a.rs", "inverted", rust("    if let Some(c) = a {", "    }"), "a pattern"),
    Near("a.rs", "boundary", rust("    let c: Vec<Vec<u8>> = d::<u8>();"), "generics"),
    Near("a.rs", "boundary", rust('    assert!(a < b, "a < b");'), "a macro"),
    Near("a.rs", "boundary", rust("    if c.len() < n {", "        c.resize(n, 0);", "    }"), "the same size"),
    Near("a.rs", "off_by_one", rust("    match a { 0..=9 => 1, _ => 2 }"), "a pattern"),
    Near("a.rs", "off_by_one", rust("    let c = 0..n;"), "another type"),
    Near("a.rs", "off_by_one", rust("    let c = Vec::with_capacity(n + 1);"), "only room"),
    Near("a.rs", "lost_return", rust("    g(a);", "    g(b)"), "another type"),
    Near("a.rs", "lost_return", rust("    if a == b {", "        return Err(a);", "    }", "    n"), "its type is unknown"),
    Near("a.rs", "lost_return", rust("    if a == b {", "        return a.into();", "    }", "    n"), "its type is unknown"),
    Near("a.rs", "lost_return", rust("    if a == b {", "        return g(a);", "    }", "    a"), "a is given away"),
    Near("a.rs", "swapped", "fn f(a: u8, b: u16) {\n    g(a, b);\n}\n", "two types"),
]  # fmt: skip
