"""Whether Python, Ruby and Lua offer the same, under the same names: test_names.py ABI-DESCRIPTION RUBY LUA...

Asks each language for the public names of its module and of the three classes, and compares them but for the language's
own spelling: closed? in Ruby is closed. Each name is offered by all three, or stands in DIFFERENCES. Each of the C
library's functions is offered by one of them, or stands in C_ALONE.
"""
import inspect
import json
import re
import subprocess
import sys

import polyshm

DEADLINE = 60  # seconds for an answer

CLASSES = ("SharedMemory", "ShareableList", "SharedMemoryManager")

# Who has what the others lack, and why that is right.
DIFFERENCES = {
    # Failures are what each language's programs expect: classes of exceptions in Python and Ruby, codes in Lua.
    "polyshm.IntegerRangeError": "python",
    "polyshm.ItemTypeError": "python",
    "polyshm.Error": "ruby lua",
    "polyshm.VERSION": "ruby",  # as every gem has it; Python's is __version__
    "polyshm.install": "python",  # in place of Python's own shared memory
    # What Ruby's IO::Buffer is made safe with. Python has memoryview; Lua's buffers come from buf alone.
    "polyshm.View": "ruby",
    # Values that Lua has no type for.
    "polyshm.bytes": "lua",
    "polyshm.float": "lua",
    "polyshm.null": "lua",
    # In Python a class makes its objects, with the arguments of multiprocessing's.
    "SharedMemory.create": "ruby lua",
    "SharedMemory.attach": "ruby lua",
    "ShareableList.create": "ruby lua",
    "ShareableList.attach": "ruby lua",
    "SharedMemory.created": "ruby",  # the second result of create_or_attach, whose block is given one
    "ShareableList.synchronize": "ruby lua",  # in Python: with items.lock()
    "ShareableList.changed": "python",  # asyncio's wait
    "ShareableList.set_timeout": "lua",  # where others assign to timeout
    # Lua's brackets take one index, and give nil for what is not there; LuaJIT's ipairs takes no userdata.
    "ShareableList.get": "lua",
    "ShareableList.set": "lua",
    "ShareableList.read": "lua",
    "ShareableList.write": "lua",
    "ShareableList.items": "lua",
    # What Ruby's Array has and Enumerable has not. Python and Lua have operators and functions: len, [-1], in, #.
    "ShareableList.each": "ruby",
    "ShareableList.length": "ruby",
    "ShareableList.size": "ruby",
    "ShareableList.empty": "ruby",
    "ShareableList.fetch": "ruby",
    "ShareableList.last": "ruby",
    "ShareableList.values_at": "ruby",
    "ShareableList.dig": "ruby",
    "ShareableList.deconstruct": "ruby",
    "ShareableList.pretty_print": "ruby",
    # multiprocessing's manager has them; here they say why they cannot be had.
    "SharedMemoryManager.get_server": "python",
    "SharedMemoryManager.register": "python",
}

# Functions that are something else than a name in languages with objects, exceptions and garbage collection.
C_ALONE = {
    "polyshm_abi_description": "for programs that make a binding",
    "polyshm_status_text": "the words of an exception",
    "polyshm_error_message": "the words of an exception",
    "polyshm_reap": "the command polyshm gc",
    "polyshm_segment_address": "buf",
    "polyshm_segment_pin": "buf",
    "polyshm_segment_unpin": "buf",
    "polyshm_segment_ref": "references",
    "polyshm_segment_unref": "references",
    "polyshm_list_ref": "references",
    "polyshm_list_unref": "references",
    "polyshm_manager_ref": "references",
    "polyshm_manager_unref": "references",
    "polyshm_list_capacity": "strings bring their own memory",
    "polyshm_list_enter": "the wait of a write",
    "polyshm_list_segment": "shm",
    "polyshm_list_wait_item": "wait, with an item",
    "polyshm_manager_create_segment": "shared_memory",
    "polyshm_manager_create_list": "shareable_list",
}

# A language's own spelling, beside its case.
SPELLINGS = {
    "SharedMemory.exist?": "SharedMemory.exists",  # as File.exist?
    "ShareableList.timeout=": "ShareableList.timeout",
    "SharedMemoryManager.SharedMemory": "SharedMemoryManager.shared_memory",  # as in multiprocessing
    "SharedMemoryManager.ShareableList": "SharedMemoryManager.shareable_list",
}

# A line a name. What Ruby's Object and Enumerable have is not the binding's; a list has the latter's count and more.
RUBY = """
require "polyshm"
(Polyshm.constants + Polyshm.singleton_methods(false)).each { |name| puts "polyshm.#{name}" }
ARGV.each do |word|
  type = Polyshm.const_get(word)
  names = type.singleton_methods(false) + type.public_instance_methods(false) - Object.instance_methods
  names -= Enumerable.instance_methods
  names << :count if type < Enumerable
  (names + type.constants(false)).grep_v(/\\A(_|\\[)/).each { |name| puts "#{word}.#{name}" }
end
"""

LUA = """
local polyshm, core = require "polyshm", require "polyshm.core"
for name in pairs(polyshm) do print("polyshm." .. name) end
for _, class in ipairs(arg) do
  for name in pairs(polyshm[class]) do print(class .. "." .. name) end
  for name in pairs(core.classes[class].methods) do print(class .. "." .. name) end
end
"""


def ask(interpreter, script):
    """The names that a script prints."""
    command = [interpreter, "-", *CLASSES]
    answer = subprocess.run(command, input=script, stdout=subprocess.PIPE, text=True, check=True, timeout=DEADLINE)
    return set(answer.stdout.split())


def ask_python():
    """The modules of the package, which other imports leave in it, are not what it offers."""
    names = {f"polyshm.{name}" for name in vars(polyshm)
             if not name.startswith("_") and not inspect.ismodule(getattr(polyshm, name))}
    for word in CLASSES:
        thing = getattr(polyshm, word)
        names |= {f"{word}.{name}" for name in dir(thing) if not name.startswith("_")}
    return names


def plain(names, codes):
    """Without the language's spelling, and without the codes of errors, which Lua alone has."""
    return {SPELLINGS.get(name, name.rstrip("?")) for name in names} - codes


def check_languages(offered):
    """offered: for each language the names that all its interpreters have in common, and those that any has."""
    for name in sorted(set().union(*(any_has for _, any_has in offered.values())) | DIFFERENCES.keys()):
        have = {language for language, (_, any_has) in offered.items() if name in any_has}
        lack = {language for language, (all_have, _) in offered.items() if name not in all_have}
        expected = set(DIFFERENCES[name].split()) if name in DIFFERENCES else set(offered)
        holds = have == expected and lack == set(offered) - expected
        yield name, holds, f"{name}: offered by {', '.join(sorted(have)) or 'nobody'}"


def check_functions(functions, names):
    nouns = {"segment": "SharedMemory", "list": "ShareableList", "manager": "SharedMemoryManager"}
    for function in functions:
        _, noun, verb = (function + "_").split("_", 2)
        name = f"{nouns[noun]}.{re.sub('^is_', '', verb)}" if noun in nouns else f"polyshm.{noun}_{verb}"
        is_offered = name.rstrip("_") in names
        yield function, is_offered != (function in C_ALONE), f"{function}: {'offered' if is_offered else 'not offered'}"


def main(description, ruby, *luas):
    with open(description) as file:
        abi = json.load(file)
    codes = {error["name"].replace("POLYSHM_", "polyshm.") for error in abi["errors"]}
    answers = {"python": [ask_python()], "ruby": [ask(ruby, RUBY)], "lua": [ask(lua, LUA) for lua in luas]}
    offered = {}
    for language, given in answers.items():
        given = [plain(names, codes) for names in given]
        offered[language] = set.intersection(*given), set.union(*given)
    names = set().union(*(any_has for _, any_has in offered.values()))

    results = [*check_languages(offered), *check_functions([function["name"] for function in abi["functions"]], names)]
    failures = [words for _, holds, words in results if not holds]
    for words in failures:
        print(words, file=sys.stderr)
    print(f"{len(results) - len(failures)} passed, {len(failures)} failed")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
