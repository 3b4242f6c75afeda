"""What a function's declaration and its comment say, in data.

C says the types. The rest follows from rules that every function keeps to, which abi/ABI.md tells; a function that does
not, or a sentence about NULL that is in none of the forms here, is refused.
"""
import re

from headers import Refused, place, type_text

NUMBERS = {"int32_t", "uint32_t", "int64_t", "uint64_t", "double"}

# How comments tell what no declaration can. Sentences about NULL have one of these forms.
MAY_BE_NULL = re.compile(r"(?:\b(\w+) )?may be NULL(?: if (\w+) is 0)?")
NULL_IS_FINE = re.compile(r"\bNULL is fine|\bfor NULL\b|\bor is NULL\b")
NULL_FORMS = [MAY_BE_NULL, NULL_IS_FINE, re.compile(r"\b[Nn]ever NULL\b"),
              re.compile(r"\b(\w+) is NULL and (\w+) is not 0")]
UNDEFINED = re.compile(r"content of (\w+)(?: and (\w+))? is undefined")
SET_ALL_THE_SAME = re.compile(r"(POLYSHM_E\w+) when [^.;]*; (\w+) is set all the same")
WORKS = re.compile(r"Works on a closed handle")
CLOSED = re.compile(r"(POLYSHM_E\w+) when [^.;]*\bthe handle was closed")
SINCE = re.compile(r"Since version (\d+\.\d+)")

# A line about parameters, in a table of them; its next lines are indented deeper.
ROW = re.compile(r"^ +(\w+(?:, \w+)*)  +(.*)$")


def rows_and_prose(documentation):
    """The table of parameters, [names, text] each, and all the rest of a comment as one line."""
    rows, prose, inside = [], [], False
    for line in documentation.split("\n"):
        row = ROW.match(line)
        if row and not (inside and line.startswith(" " * 9)):
            rows.append([row.group(1).split(", "), row.group(2)])
        elif inside and line.startswith("   "):
            rows[-1][1] += " " + line.strip()
        else:
            prose.append(line.strip())
        inside = bool(rows) and line.startswith(" ")
    return rows, " ".join(prose)


class Function:
    """One function. `describe` is what the description holds of it."""

    def __init__(self, node, header, handles, structs):
        self.node, self.name, self.handles, self.structs = node, node.name, handles, structs
        self.documentation = header.comment_above(node.coord.line)
        if not self.documentation:
            self.refuse("no comment stands above it")
        if not node.type.args:
            self.refuse("it says nothing of its parameters: (void) is none")
        declared = node.type.args.params
        is_void = len(declared) == 1 and type_text(declared[0].type)[2] == "void"
        self.parameters = [] if is_void else [self.parameter(each) for each in declared]
        self.join_lengths()
        self.check_order()
        self.heed_comment()

    def refuse(self, why):
        raise Refused(f"{place(self.node)}: {self.name}: {why}")

    def find(self, name):
        for parameter in self.parameters:
            if parameter["name"] == name:
                return parameter
        return self.refuse(f"its comment speaks of '{name}', which is no parameter")

    def parameter(self, node):
        if not getattr(node, "name", None):
            self.refuse("a parameter has no name")
        base, pointers, text = type_text(node.type)
        out = pointers == 2 or (pointers == 1 and not text.startswith("const ") and base not in self.handles)
        known = (pointers == 0 and base in NUMBERS or pointers == 1 and base in NUMBERS and out
                 or pointers == 1 and base in self.structs or pointers == 1 and base in ("char", "void")
                 or pointers == 1 and base in self.handles
                 or pointers == 2 and (base in self.handles or text in ("const char **", "void **")))
        if not known:
            self.refuse(f"'{node.name}' is a {text}, which no rule covers")
        described = {"name": node.name, "type": text, "base": base, "pointers": pointers,
                     "direction": "out" if out else "in", "nullable": "never"}
        if out:
            described["on_failure"] = "untouched"
        return described

    def join_lengths(self):
        """Memory has its length right behind it; `values` are an array of `count`."""
        names = [each["name"] for each in self.parameters]
        for index, each in enumerate(self.parameters):
            if each["type"] in ("void *", "const void *", "char *"):
                behind = names[index + 1] if index + 1 < len(names) else None
                if behind not in ("size", "capacity", each["name"] + "_size"):
                    self.refuse(f"no size stands behind '{each['name']}'")
                each["length"] = behind
            elif each["name"] == "values":
                length = re.search(r"\bvalues has room for (polyshm_\w+) of them", " ".join(self.documentation.split()))
                if length:
                    each["length_function"] = length.group(1)
                else:
                    each["length"] = self.find("count")["name"]

    def check_order(self):
        """Results come last; between them stand only the lengths of what the caller lends."""
        lengths = {each.get("length") for each in self.parameters}
        seen = False
        for each in self.parameters:
            seen = seen or each["direction"] == "out"
            if seen and each["direction"] == "in" and each["name"] not in lengths:
                self.refuse(f"'{each['name']}' stands behind a result")

    def heed_comment(self):
        rows, prose = rows_and_prose(self.documentation)
        for names, text in rows:
            for name in names:
                self.find(name)
            self.heed_null(text, names[0] if len(names) == 1 else None)
        self.heed_null(prose, None)
        for match in UNDEFINED.finditer(prose):
            for name in filter(None, match.groups()):
                self.find(name)["on_failure"] = "undefined"
        for match in SET_ALL_THE_SAME.finditer(prose):
            self.find(match.group(2))["set_by"] = match.group(1)
        for word, form in ("undefined", UNDEFINED), ("all the same", SET_ALL_THE_SAME):
            if prose.count(word) != len(form.findall(prose)):
                self.refuse(f"its comment says '{word}' in an unknown form")

    def heed_null(self, text, row):
        mentions = len(re.findall(r"\bNULL\b", text))
        if mentions != sum(len(form.findall(text)) for form in NULL_FORMS):
            self.refuse("its comment speaks of NULL in an unknown form")
        for match in MAY_BE_NULL.finditer(text):
            subject = match.group(1) if match.group(1) in [each["name"] for each in self.parameters] else row
            if subject is None:
                self.refuse("its comment does not say what may be NULL")
            if match.group(2) and match.group(2) != self.find(subject).get("length"):
                self.refuse(f"'{match.group(2)}' is not the length of '{subject}'")
            self.find(subject)["nullable"] = "if_empty" if match.group(2) else "always"
        if NULL_IS_FINE.search(text):
            self.parameters[0]["nullable"] = "always"

    def returns(self):
        base, pointers, text = type_text(self.node.type.type)
        takes_handle = bool(self.parameters) and self.parameters[0]["base"] in self.handles
        answers = re.search(r"_is_", self.name) is not None
        kind = {"void": "nothing", "int32_t": "answer" if answers else "status",
                "uint32_t": "value", "const char *": "value"}.get(text)
        if kind is None:
            self.refuse(f"it returns {text}, which no rule covers")
        never_fails = kind in ("answer", "nothing")
        if never_fails and not (takes_handle and self.parameters[0]["nullable"] == "always"):
            self.refuse("it cannot fail, so its comment must say what it makes of NULL")
        if text == "const char *" and not re.search(r"Never NULL|belong to the library", self.documentation):
            self.refuse("its comment does not say to whom the text belongs")
        return {"type": text, "base": base, "pointers": pointers, "kind": kind}

    def describe(self, since):
        returns = self.returns()
        text = " ".join(self.documentation.split())
        said = SINCE.search(text)
        has_handle = any(each["base"] in self.handles and each["pointers"] == 1 for each in self.parameters)
        works = returns["kind"] != "status" or self.name.endswith("_close") or WORKS.search(text)
        described = {"name": self.name, "since": said.group(1) if said else since, "returns": returns,
                     "parameters": self.parameters}
        if has_handle:
            closed = CLOSED.search(text)
            described["closed"] = "works" if works else closed.group(1) if closed else "POLYSHM_ECLOSED"
        described["documentation"] = self.documentation
        return described
