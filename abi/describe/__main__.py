"""Describes the ABI, for machines, from the public headers.

    python3 abi/describe ABI-FOLDER --version 1.0.0 --pointer 8 --alignment 8
            --json polyshm.abi.json --cdef polyshm.cdef --source description.c

--pointer and --alignment are the target's: the bytes of a pointer, and the alignment of 8-byte numbers in a struct.
abi/ABI.md tells the format of the JSON. The C source is the same, to be compiled into the library; it does not compile
if the target's compiler has another layout of a struct than is described here.
"""
import argparse
import json
import pathlib
import re
import sys

from pycparser import c_ast

from functions import NUMBERS, Function
from headers import COMMENT, Refused, number, parse, place, read, type_text

ERROR = re.compile(r'X\((E\w+), "([^"]*)", (E\w+|0), (\w+), (\w+)\)')
NODE = re.compile(r"polyshm_(\d+\.\d+) \{(.*?)\}", re.DOTALL)


def constants(node, header):
    for each in node.values.enumerators:
        documentation = header.comment_beside(each.coord.line)
        if each.value is None or not documentation:
            raise Refused(f"{place(each)}: {each.name} needs a number, and a comment beside it")
        yield {"name": each.name, "value": number(each.value), "documentation": documentation}


def struct(node, header, target):
    """A struct's layout, as the target's C compilers have it."""
    fields, end, alignment = [], 0, 1
    for each in node.type.type.decls:
        base, pointers, text = type_text(each.type)
        if not pointers and base not in NUMBERS:
            raise Refused(f"{place(each)}: '{each.name}' is no number and no pointer")
        size = target.pointer if pointers else 4 if "32" in base else 8
        aligned = min(size, target.alignment) if size == 8 else size
        offset = (end + aligned - 1) // aligned * aligned
        fields.append({"name": each.name, "type": text, "base": base, "pointers": pointers, "offset": offset,
                       "size": size})
        end, alignment = offset + size, max(alignment, aligned)
    return {"name": node.name, "size": (end + alignment - 1) // alignment * alignment, "alignment": alignment,
            "fields": fields, "documentation": header.comment_above(node.type.type.coord.line)}


def handle(node, header, names):
    ends = {verb: f"{node.name}_{verb}" for verb in ("close", "ref", "unref")}
    for name in ends.values():
        if name not in names:
            raise Refused(f"{place(node)}: {node.name} is a handle, but {name} is missing")
    return {"name": node.name, **ends, "documentation": header.documentation}


def errors(path, numbers):
    """The errors by errors.def, each with the number that base.h gives it."""
    found = []
    for line in COMMENT.sub("", path.read_text(encoding="utf-8")).strip().split("\n"):
        match = ERROR.fullmatch(line)
        if not match or f"POLYSHM_{match.group(1)}" not in numbers:
            raise Refused(f"{path.name}: this is no error that has a number: {line}")
        name, text, errno, python, ruby = match.groups()
        found.append({"name": f"POLYSHM_{name}", "number": numbers[f"POLYSHM_{name}"], "text": text,
                      "errno": None if errno == "0" else errno, "python": python, "ruby": ruby})
    if sorted(each["name"] for each in found) != sorted(name for name in numbers if name.startswith("POLYSHM_E")):
        raise Refused(f"{path.name}: it has not the errors that base.h has, or has one twice")
    return found


def check_map(path, functions):
    """The version script exports what the headers declare, in the node of the version that they say."""
    text = COMMENT.sub("", path.read_text(encoding="utf-8"))
    exported = {name: version for version, names in NODE.findall(text) for name in re.findall(r"(polyshm_\w+);", names)}
    declared = {each["name"]: each["since"] for each in functions}
    for name, _ in sorted(set(exported.items()) ^ set(declared.items())):
        raise Refused(f"{name}: declared since {declared.get(name)}, but in {path.name} since {exported.get(name)}")


def describe(folder, target):
    umbrella, headers = read(folder / "include")
    nodes = parse(headers)
    since = re.search(r"is there since version (\d+\.\d+)", " ".join(umbrella.documentation.split()))
    if not since:
        raise Refused("polyshm.h: it does not say since which version all is there")
    opaque, structs, found, numbers = [], [], [], []
    for node, header in nodes:
        if isinstance(node, c_ast.Typedef) and isinstance(node.type.type, c_ast.Struct):
            (structs if node.type.type.decls else opaque).append((node, header))
        elif isinstance(node, c_ast.Decl) and isinstance(node.type, c_ast.Enum) and node.name is None:
            numbers += constants(node.type, header)
        elif isinstance(node, c_ast.Decl) and isinstance(node.type, c_ast.FuncDecl):
            found.append(Function(node, header, {each.name for each, _ in opaque}, {each.name for each, _ in structs}))
        else:
            raise Refused(f"{place(node)}: this is no function, constant, struct or handle")
    functions = [each.describe(since.group(1)) for each in found]
    check_map(folder / "polyshm.map", functions)
    names = {each["name"] for each in functions}
    return headers, {
        "format": 1, "library": f"libpolyshm.so.{target.version.split('.')[0]}", "version": target.version,
        "abi": int(target.version.split(".")[0]),
        "handles": [handle(node, header, names) for node, header in opaque],
        "structs": [struct(node, header, target) for node, header in structs],
        "constants": numbers,
        "errors": errors(folder / "include/polyshm/errors.def", {each["name"]: each["value"] for each in numbers}),
        "functions": functions,
    }


def source(text, structs):
    """The description as a C file, with what the compiler must agree to."""
    lines = ["/* Made by abi/describe from the public headers. */",
             "#include <stddef.h>", "", "#include <polyshm.h>", ""]
    for each in structs:
        lines.append(f'_Static_assert(sizeof({each["name"]}) == {each["size"]}, "the size of {each["name"]}");')
        for field in each["fields"]:
            what = f'{each["name"]}, {field["name"]}'
            lines.append(f'_Static_assert(offsetof({what}) == {field["offset"]}, "{what}");')
    lines += ["", "const char *polyshm_abi_description(void)", "{", "    return"]
    lines += ["        " + json.dumps(line + "\n") for line in text.rstrip("\n").split("\n")]
    return "\n".join(lines) + ";\n}\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--version", required=True)
    parser.add_argument("--pointer", type=int, required=True)
    parser.add_argument("--alignment", type=int, required=True)
    for output in "json", "cdef", "source":
        parser.add_argument(f"--{output}", type=pathlib.Path, required=True)
    target = parser.parse_args()
    try:
        headers, description = describe(target.folder, target)
    except Refused as refusal:
        sys.exit(f"the ABI cannot be described: {refusal}")
    text = json.dumps(description, indent=1) + "\n"
    target.json.write_text(text, encoding="utf-8")
    target.cdef.write_text("\n".join(header.plain() for header in headers), encoding="utf-8")
    target.source.write_text(source(text, description["structs"]), encoding="utf-8")


if __name__ == "__main__":
    main()
