"""Makes a page of the ABI's description: what the headers say, with a place to link to for each name.

    python3 abi/reference.py build/abi/polyshm.abi.json index.html
"""
import html
import json
import pathlib
import re
import sys

STYLE = """body { max-width: 62em; margin: 2em auto; padding: 0 1em; font-family: sans-serif; line-height: 1.4 }
pre { background: #f5f5f5; padding: .6em; overflow-x: auto } td { padding: .1em 1em .1em 0; vertical-align: top }
h3 { margin-bottom: .3em } .facts { color: #555 } a { text-decoration: none }"""


class Reference:
    def __init__(self, description):
        self.description = description
        kinds = ("handles", "structs", "constants", "functions")
        self.names = {each["name"] for kind in kinds for each in description[kind]}

    def linked(self, text):
        """The text as HTML, in which each name of the ABI leads to its place."""
        return re.sub(
            r"\b(polyshm|POLYSHM)_\w+",
            lambda word: f'<a href="#{word[0]}">{word[0]}</a>' if word[0] in self.names else word[0],
            html.escape(text),
        )

    def section(self, each, declaration, facts=""):
        name = each["name"]
        yield f'<h3 id="{name}">{name}</h3>'
        yield f"<pre>{self.linked(declaration)}</pre>" if declaration else ""
        yield f"<pre>{self.linked(each['documentation'])}</pre>"
        yield f'<p class="facts">{self.linked(facts)}</p>' if facts else ""

    def function(self, function):
        parameters = ", ".join(place(each) for each in function["parameters"]) or "void"
        declaration = f"{place({**function['returns'], 'name': function['name']})}({parameters});"
        facts = [f"Since {function['since']}."]
        facts += [f"{each['name']} is for the result." for each in function["parameters"] if each["direction"] == "out"]
        facts += [f"{each['name']} may be NULL." for each in function["parameters"] if each["nullable"] == "always"]
        if "closed" in function:
            facts.append(f"With a closed handle: {function['closed']}.")
        return self.section(function, declaration, " ".join(facts))

    def struct(self, struct):
        rows = [f"    {place(each)};  /* offset {each['offset']} */" for each in struct["fields"]]
        return self.section(struct, "\n".join(["typedef struct {", *rows, f"}} {struct['name']};"]))

    def rows(self):
        errors = {each["name"]: each for each in self.description["errors"]}
        for each in self.description["constants"]:
            error = errors.get(each["name"], {})
            cells = [str(each["value"]), each["documentation"], error.get("python", ""), error.get("ruby", "")]
            yield f'<tr><td id="{each["name"]}">{each["name"]}' + "".join(f"<td>{self.linked(cell)}" for cell in cells)

    def lines(self):
        yield f'<!DOCTYPE html><html lang="en"><meta charset="utf-8"><title>polyshm in C</title><style>{STYLE}</style>'
        yield f"<h1>polyshm {self.description['version']} in C</h1>"
        yield "<p>#include &lt;polyshm.h&gt; and link with -lpolyshm."
        for title, kind, show in (
            ("Handles", "handles", lambda each: self.section(each, f"typedef struct {each['name']} {each['name']};")),
            ("Functions", "functions", self.function),
            ("Structs", "structs", self.struct),
        ):
            yield f"<h2>{title}</h2>"
            for each in self.description[kind]:
                yield from show(each)
        yield "<h2>Constants</h2><table><tr><th>name<th>value<th>meaning<th>in Python<th>in Ruby"
        yield from self.rows()
        yield "</table>"


def place(each):
    """A type and a name, as C writes them."""
    return each["type"] + ("" if each["type"].endswith("*") else " ") + each["name"]


def main(description, page):
    lines = Reference(json.loads(pathlib.Path(description).read_text(encoding="utf-8"))).lines()
    pathlib.Path(page).parent.mkdir(parents=True, exist_ok=True)
    pathlib.Path(page).write_text("\n".join(filter(None, lines)) + "\n", encoding="utf-8")


main(*sys.argv[1:])
