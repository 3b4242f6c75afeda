"""Writes down the ABI as it is published, so that no later one can differ from it unnoticed.

    python3 abi/baseline/baseline.py BUILD-FOLDER [C-COMPILER]

Beside this file it writes
  libpolyshm.so.1.abi   what abidiff compares a library with: every function and type, as abidw has them
  symbols               what a program that uses every function needs when it is linked today, with versions

Both come from the description, by way of a library of the same signatures that does nothing: the real one's debug
information also has what is behind the handles, which may change. What is written down can grow, but not change.
"""
import json
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ABI, SYMBOLS = HERE / "libpolyshm.so.1.abi", HERE / "symbols"

# Only what is of the ABI: no places, no paths, and names of types that do not depend on their order.
ABIDW = ["abidw", "--exported-interfaces-only", "--no-show-locs", "--type-id-style", "hash", "--no-corpus-path",
         "--no-comp-dir-path", "--no-elf-needed", "--drop-undefined-syms", "--no-architecture"]


def run(*command):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


def difference(library, baseline=ABI, growth=False):
    """What abidiff says of a library, or of another baseline, against this one; "" if it is the same. Growth is no
    difference if that is asked for."""
    options = ["--no-architecture", "--redundant"] + ["--no-added-syms"] * growth
    command = ["abidiff", *options, baseline, library]
    answer = subprocess.run(command, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    return answer.stdout or f"abidiff: {answer.returncode}" if answer.returncode else ""


def library_source(description):
    """The described functions, which do nothing."""
    lines = ["#include <stdint.h>"]
    lines += [f"typedef struct {each['name']} {each['name']};" for each in description["handles"]]
    for struct in description["structs"]:
        fields = " ".join(f"{field['type']} {field['name']};" for field in struct["fields"])
        lines.append(f"typedef struct {struct['name']} {{ {fields} }} {struct['name']};")
    for function in description["functions"]:
        returns, parameters = function["returns"]["type"], function["parameters"]
        taken = ", ".join(f"{each['type']} {each['name']}" for each in parameters) or "void"
        lines.append(f"{returns} {function['name']}({taken}) {{ {'' if returns == 'void' else 'return 0;'} }}")
    return "\n".join(lines) + "\n"


def version_script(description):
    """A node a version, as abi/polyshm.map has them."""
    versions = {}
    for function in description["functions"]:
        versions.setdefault(function["since"], []).append(function["name"])
    return "".join(f"polyshm_{version} {{ global: {'; '.join(names)}; local: *; }};\n"
                   for version, names in sorted(versions.items()))


def make_library(compiler, description, folder):
    """A library with the described functions."""
    source, script, library = folder / "library.c", folder / "library.map", folder / "libpolyshm.so.1"
    source.write_text(library_source(description))
    script.write_text(version_script(description))
    run(compiler, "-shared", "-fPIC", "-g", f"-fdebug-prefix-map={folder}=.", source, "-o", library,
        f"-Wl,--version-script={script}", f"-Wl,-soname,{description['library']}")
    return library


def needed_symbols(compiler, description, include, library, folder):
    """What a program that uses every function of the library needs of it, a line each."""
    source, program = folder / "program.c", folder / "program"
    names = ", ".join(f"(void (*)(void)){each['name']}" for each in description["functions"])
    source.write_text("#include <polyshm.h>\n"
                      f"void (*volatile used[])(void) = {{{names}}};\n"
                      "int main(void) { return used[0] == 0; }\n")
    run(compiler, f"-I{include}", source, "-o", program, library)
    table = run("readelf", "--dyn-syms", "--wide", program).split("\n")
    return sorted(line.split()[7] for line in table if " UND polyshm_" in line)


def main():
    build, compiler = pathlib.Path(sys.argv[1]), (sys.argv[2:] or ["cc"])[0]
    description = json.loads((build / "abi/polyshm.abi.json").read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        library = make_library(compiler, description, folder)
        symbols = needed_symbols(compiler, description, HERE.parent / "include", build / "libpolyshm.so", folder)
        broken = difference(library, growth=True) if ABI.exists() else ""
        broken += "\n".join(set(SYMBOLS.read_text().split()) - set(symbols)) if SYMBOLS.exists() else ""
        if broken:
            sys.exit(f"this does not grow the ABI, but changes it:\n{broken}")
        ABI.write_text(run(*ABIDW, library))
        SYMBOLS.write_text("\n".join(symbols) + "\n")


if __name__ == "__main__":
    main()
