"""What the description says of every function is what the compiler made of it: the library's own debug information, read
by abidw (Debian: abigail-tools), has the same functions, versions, parameters, types and layouts.

    python3 signatures.py LIBRARY DESCRIPTION
"""
import json
import subprocess
import sys
import xml.etree.ElementTree as ElementTree

# Types that have a meaning of their own; what they are made of is the system's affair.
NAMED = {"int32_t", "uint32_t", "int64_t", "uint64_t"}


def read(library):
    """The library's debug information, as abidw has it."""
    command = ["abidw", "--exported-interfaces-only", "--no-corpus-path", library]
    return ElementTree.fromstring(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)


class Corpus:
    """A library's functions and types."""

    def __init__(self, root, handles, structs):
        self.named = NAMED | handles | structs
        self.types = {each.get("id"): each for each in root.iter() if each.get("id")}
        self.symbols = {each.get("name"): each.get("version") for each in root.iter("elf-symbol")}
        self.functions = {each.get("name"): each for each in root.iter("function-decl") if each.get("elf-symbol-id")}
        self.structs = {each.get("name"): each for each in root.iter("class-decl") if each.get("size-in-bits")}

    def type_text(self, identity):
        """A type as C has it; libabigail takes the const of void for nothing."""
        pointers, constant = 0, ""
        while True:
            found = self.types[identity]
            if found.get("name") in self.named or found.tag in ("type-decl", "class-decl"):
                break
            pointers += found.tag == "pointer-type-def"
            constant = "const " if found.get("const") else constant
            identity = found.get("type-id")
        name = found.get("name")
        return text_of(f"{'' if name == 'void' else constant}{name}", pointers)

    def signature(self, name):
        function = self.functions[name]
        parameters = [(each.get("name"), self.type_text(each.get("type-id"))) for each in function.iter("parameter")]
        return self.type_text(function.find("return").get("type-id")), parameters

    def layout(self, name):
        struct = self.structs[name]
        fields = []
        for member in struct.iter("data-member"):
            field, offset = member.find("var-decl"), int(member.get("layout-offset-in-bits")) // 8
            fields.append((field.get("name"), self.type_text(field.get("type-id")), offset))
        return int(struct.get("size-in-bits")) // 8, fields


def text_of(base, pointers):
    return f"{base}{' ' if pointers else ''}{'*' * pointers}"


def described_type(described):
    """A described type, by its parts, which must say what its text says."""
    constant = "const " if described["type"].startswith("const ") else ""
    text = text_of(constant + described["base"], described["pointers"])
    if text != described["type"]:
        return f"{text} or {described['type']}"
    return text.replace("const void", "void")


def differences(description, root):
    """Every difference between a description and a library, in words."""
    corpus = Corpus(root, *({each["name"] for each in description[kind]} for kind in ("handles", "structs")))
    described = {each["name"]: each for each in description["functions"]}
    for name in sorted(set(corpus.symbols) ^ set(described)):
        yield f"{name}: {'described, but not in' if name in described else 'not described, but in'} the library"
    for name in sorted(set(corpus.symbols) & set(described)):
        function = described[name]
        if corpus.symbols[name] != f"polyshm_{function['since']}":
            yield f"{name}: described since {function['since']}, but its version is {corpus.symbols[name]}"
        parameters = [(each["name"], described_type(each)) for each in function["parameters"]]
        said, compiled = (described_type(function["returns"]), parameters), corpus.signature(name)
        if said != compiled:
            yield f"{name}: described as {said}, compiled as {compiled}"
    for struct in description["structs"]:
        fields = [(each["name"], described_type(each), each["offset"]) for each in struct["fields"]]
        said, compiled = (struct["size"], fields), corpus.layout(struct["name"])
        if said != compiled:
            yield f"{struct['name']}: described as {said}, compiled as {compiled}"


def main():
    library, path = sys.argv[1:]
    with open(path, encoding="utf-8") as file:
        description = json.load(file)
    found = list(differences(description, read(library)))
    print("\n".join(found) or f"{len(description['functions'])} signatures are as they were compiled")
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
