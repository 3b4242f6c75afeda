"""The public headers as pycparser has them, each declaration with the comment above it.

What a header may hold is little: comments, an include guard, includes, and declarations in plain C. Anything else would
be missing in the description, so it is refused.
"""
import collections
import pathlib
import re

import pycparser
from pycparser import c_ast

# What <stdint.h> brings, for the parser. A type that is none of these, and is not declared, does not parse.
STDINT = """typedef int int32_t; typedef unsigned uint32_t;
typedef long long int64_t; typedef unsigned long long uint64_t;"""

# Lines of the preprocessor that mean nothing to somebody who loads the library.
HARMLESS = re.compile(r"#(ifndef|define) POLYSHM_\w*H$|#endif$|#include (<stdint\.h>|\"polyshm/\w+\.h\")$")

COMMENT = re.compile(r"/\*(.*?)\*/", re.DOTALL)

Comment = collections.namedtuple("Comment", "first last text")


class Refused(Exception):
    """The headers hold something that the description cannot tell."""


def text_of(comment):
    """A comment without its frame of asterisks; the lines stay, and so does their indentation."""
    lines = [re.sub(r"^ ?\* ?", "", line.strip("\t")).rstrip() for line in comment.split("\n")]
    return "\n".join(lines).strip()


class Header:
    """One header: its declarations alone, and its comments by their lines."""

    def __init__(self, path):
        self.path = path
        self.text = path.read_text(encoding="utf-8")
        self.comments = []
        self.declarations = COMMENT.sub(self._blank, self.text)
        self.includes = re.findall(r'^#include "(polyshm/\w+\.h)"$', self.declarations, re.MULTILINE)
        lines = self.declarations.split("\n")
        for number, line in enumerate(lines, 1):
            if line.startswith("#") and not HARMLESS.match(line.rstrip()):
                raise Refused(f"{path}:{number}: this is lost for who does not use a preprocessor: {line.rstrip()}")
        self.lines = ["" if line.startswith("#") else line for line in lines]

    def _blank(self, match):
        first = self.text.count("\n", 0, match.start()) + 1
        comment = Comment(first, first + match.group().count("\n"), text_of(match.group(1)))
        self.comments.append(comment)
        return "\n" * (comment.last - comment.first)

    @property
    def documentation(self):
        return self.comments[0].text

    def comment_above(self, line):
        """The comment that ends right above the declaration which has its name in this line."""
        while line > 1 and self.lines[line - 2].strip() and not re.search(r"[;}]\s*$", self.lines[line - 2]):
            line -= 1
        return next((comment.text for comment in self.comments if comment.last == line - 1), "")

    def comment_beside(self, line):
        """The comment in this line."""
        return next((comment.text for comment in self.comments if comment.first == line), "")

    def plain(self):
        """The header without the lines of the preprocessor, for cffi and LuaJIT."""
        lines = [line for line in self.text.split("\n") if not line.startswith("#")]
        return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip() + "\n"


def read(folder):
    """The umbrella header, and all that it includes, each behind those that it needs."""
    umbrella, found = Header(folder / "polyshm.h"), {}

    def visit(name):
        if name in found or name in ("polyshm/begin.h", "polyshm/end.h"):
            return
        header = Header(folder / name)
        for included in header.includes:
            visit(included)
        found[name] = header

    for name in umbrella.includes:
        visit(name)
    return umbrella, list(found.values())


def parse(headers):
    """Every declaration, with the header that it is in."""
    source = [STDINT]
    for header in headers:
        source += [f'#line 1 "{header.path}"'] + header.lines
    by_path = {str(header.path): header for header in headers}
    try:
        tree = pycparser.CParser().parse("\n".join(source) + "\n", "<stdint.h>")
    except Exception as error:  # pycparser moved its ParseError between versions
        raise Refused(f"pycparser does not understand the headers: {error}") from error
    return [(node, by_path[node.coord.file]) for node in tree.ext if node.coord.file in by_path]


def place(node):
    """Where a declaration is, for people."""
    return f"{pathlib.Path(node.coord.file).name}:{node.coord.line}"


def type_text(node):
    """A type as it is written in C: its base with a const before it, and the number of asterisks behind it."""
    pointers = 0
    while isinstance(node, c_ast.PtrDecl):
        if node.quals:
            raise Refused(f"{place(node)}: a constant pointer says nothing to who calls")
        pointers, node = pointers + 1, node.type
    if not isinstance(node, c_ast.TypeDecl) or not isinstance(node.type, c_ast.IdentifierType):
        raise Refused(f"{place(node)}: only numbers, pointers and declared types are for everybody")
    base = " ".join(node.type.names)
    constant = "const " if node.quals else ""
    return base, pointers, f"{constant}{base}{' ' if pointers else ''}{'*' * pointers}"


def number(node):
    """The value of a constant, which must be a plain number."""
    sign = 1
    if isinstance(node, c_ast.UnaryOp) and node.op == "-":
        sign, node = -1, node.expr
    if not isinstance(node, c_ast.Constant) or node.type != "int":
        raise Refused(f"{place(node)}: a constant must be a number")
    return sign * int(node.value, 0)
