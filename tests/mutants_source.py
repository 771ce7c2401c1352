"""Reads C as tokens and finds where one token may be changed: for tests/mutants.py.

Comments, strings, lines of the preprocessor, assertions, and calls that only write a log line or
give memory back are no places (what is not given back, the ASan build sees); nor is the room of a
local array, and a -1 does not become -2: both mean as much as before."""
import re

TOKEN = re.compile(r"""
    (?P<skip>\s+|//[^\n]*|/\*.*?\*/|(?<![^\n])[ \t]*\#(?:[^\n\\]|\\.)*)
  | (?P<text>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')
  | (?P<number>\.?\d(?:[eEpP][+-]|[\w.])*)
  | (?P<word>[A-Za-z_]\w*)
  | (?P<mark><<=|>>=|\.\.\.|->|\+\+|--|<<|>>|<=|>=|==|!=|&&|\|\||[-+*/%&|^]=|[^\s\w])
""", re.X | re.S)

SWAP = {"<": "<=", "<=": "<", ">": ">=", ">=": ">", "==": "!=", "!=": "=="}
LOGIC = {"&&": "||", "||": "&&"}
SUM = {"+": "-", "-": "+", "+=": "-=", "-=": "+="}
TRUTH = {"true": "false", "false": "true"}
QUIET = re.compile(r"(log_\w+|assert\w*|static_assert|_Static_assert|free|fprintf|printf|fputs|puts)$")
NO_STATEMENT = {"return", "break", "continue", "goto", "if", "else", "for", "while", "do", "switch",
                "case", "default", "struct", "enum", "union", "const", "static", "unsigned", "signed",
                "char", "short", "int", "long", "bool", "float", "double", "void", "extern", "register",
                "sizeof", "_Static_assert", "static_assert", "_Atomic", "__asm__"}
ASSIGN = {"=", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", "<<=", ">>=", "++", "--"}


class Token:
    def __init__(self, match):
        self.kind, self.text = match.lastgroup, match.group()
        self.begin, self.end = match.span()


class Mutant:
    def __init__(self, area, file, source, kind, span, new):
        self.area, self.file, self.kind = area, file, kind
        self.span, self.new = span, new
        begin, end = span
        first = source.rfind("\n", 0, begin) + 1
        last = source.find("\n", begin)
        self.number = source.count("\n", 0, begin) + 1
        self.line = source[first:last].strip()
        self.changed = (source[first:begin] + new + source[min(end, last):last]).strip()

    def apply(self, source):
        begin, end = self.span
        return source[:begin] + self.new + source[end:]

    def key(self):
        return (self.file, self.line, self.changed)

    def __str__(self):
        return f"{self.file}:{self.number}: {self.line}\n      becomes {self.changed}"


def tokens_of(source):
    return [Token(m) for m in TOKEN.finditer(source) if m.lastgroup != "skip"]


def close_of(tokens, index):
    """The mark that closes the one at index; the last token where none does."""
    depth = 0
    for at in range(index, len(tokens)):
        depth += tokens[at].text in ("(", "[", "{")
        depth -= tokens[at].text in (")", "]", "}")
        if not depth:
            return at
    return len(tokens) - 1


def quiet_spans(tokens):
    """Indices inside calls that no test can or need see."""
    inside = set()
    for at, token in enumerate(tokens[:-1]):
        if token.kind == "word" and QUIET.match(token.text) and tokens[at + 1].text == "(":
            inside.update(range(at, close_of(tokens, at + 1) + 1))
    return inside


def is_value(token):
    return token.kind in ("number", "word") and token.text not in NO_STATEMENT or token.text in (")", "]")


def constants(token):
    """A number one more or less; floats and what is no plain number are left alone."""
    match = re.match(r"(0[xX][0-9a-fA-F]+|\d+)([uUlL]*)$", token.text)
    if match and not re.match(r"0\d", token.text):
        value = int(match[1], 0)
        for new in (value + 1, value - 1):
            if new >= 0:
                yield str(new) + match[2]


def is_room(tokens, at):
    """Whether the number is the size of an array that is declared here."""
    if tokens[at - 1].text != "[" or tokens[at + 1].text != "]":
        return False
    while at and tokens[at].text not in (";", "{", "}", "="):
        at -= 1
    first, second = tokens[at + 1], tokens[at + 2]
    return first.text in NO_STATEMENT - {"return"} or first.kind == second.kind == "word"


def statement_end(tokens, at):
    """The ';' of the call or assignment that begins here; None where none does."""
    if tokens[at].text in NO_STATEMENT or tokens[at].kind != "word" and tokens[at].text not in ("*", "++", "--"):
        return None
    if tokens[at].kind == "word" and (tokens[at + 1].kind == "word" or tokens[at + 1].text in ("*", ":")):
        return None  # a declaration, a label
    works = tokens[at + 1].text == "(" or tokens[at].text in ASSIGN
    while at < len(tokens):
        text = tokens[at].text
        works = works or text in ASSIGN
        if text in ("(", "[", "{"):
            at = close_of(tokens, at)
        elif text == ";":
            return at if works else None
        elif text in (")", "]", "}"):
            return None  # for (;;) and members of a table
        at += 1
    return None


def find_here(tokens, at):
    """(kind, first token, last token, what is put there) for each change that begins at a token."""
    token, before, after = tokens[at], tokens[at - 1], tokens[at + 1]
    if token.kind == "mark":
        if token.text in SWAP:
            yield "comparison", at, at, SWAP[token.text]
        if token.text in LOGIC:
            yield "logic", at, at, LOGIC[token.text]
        if token.text in SUM and is_value(before):
            yield "sum", at, at, SUM[token.text]
    if token.kind == "number" and not is_room(tokens, at):
        for new in constants(token):
            if before.text == "-" and not is_value(tokens[at - 2]) and token.text == "1" and new == "2":
                continue
            yield "constant", at, at, new
    if token.text in TRUTH:
        yield "truth", at, at, TRUTH[token.text]
    if token.text == "if" and after.text == "(":
        end = close_of(tokens, at + 1)
        yield "negation", at + 1, end, None
    if token.text == "return" and after.text not in (";", "0", "NULL", "true", "false", "{"):
        end = at
        while tokens[end].text != ";":
            end = close_of(tokens, end) + 1 if tokens[end].text in ("(", "[", "{") else end + 1
        yield "result", at + 1, end - 1, "0"
    if before.text in (";", "{", "}", ")") or before.text == "else":
        end = statement_end(tokens, at)
        if end:
            yield "removal", at, end, ";"


def find(area, file, source):
    tokens = tokens_of(source)
    quiet = quiet_spans(tokens)
    depth = 0
    for at in range(1, len(tokens) - 1):
        depth += tokens[at].text == "{"
        depth -= tokens[at].text == "}"
        if not depth or at in quiet:
            continue
        for kind, first, last, new in find_here(tokens, at):
            span = (tokens[first].begin, tokens[last].end)
            if new is None:
                new = "(!" + source[span[0]:span[1]] + ")"
            yield Mutant(area, file, source, kind, span, new)
