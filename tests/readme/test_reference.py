"""The target docs: it builds without a warning, and each public name of each language has a place in it."""

import os
import re
import subprocess
from pathlib import Path

import pytest

import polyshm

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ["POLYSHM_BUILD"])
CLASSES = ("SharedMemory", "ShareableList", "SharedMemoryManager")

RUBY_NAMES = """
Polyshm.singleton_methods(false).each { |name| puts "Polyshm #{name}-class_method" }
ARGV.each do |name|
  mod = Polyshm.const_get(name)
  (mod.singleton_methods(false) - [:_load]).each { |method| puts "Polyshm/#{name} #{method}-class_method" }
  (mod.public_instance_methods(false) - [:_dump]).each { |method| puts "Polyshm/#{name} #{method}-instance_method" }
end
"""

LUA_NAMES = """
local polyshm = require "polyshm"
for class, metatable in pairs(require("polyshm.core").classes) do
  for name in pairs(polyshm[class] or {}) do print(class .. "." .. name) end
  for name in pairs(metatable.methods) do print(class .. ":" .. name) end
end
"""


def printed(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()


@pytest.fixture(scope="module")
def docs():
    command = ["cmake", "--build", str(BUILD), "--target", "docs"]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert done.returncode == 0, done.stdout  # what a tool warns of is an error (.cmake/Docs.cmake)
    return BUILD / "docs"


def anchors(page):
    return set(re.findall(r'''\b(?:id|name)\s*=\s*["']([^"']*)''', page.read_text(encoding="utf-8")))


def test_python(docs):
    names = {f"{cls}.{name}" for cls in CLASSES for name in vars(getattr(polyshm, cls)) if not name.startswith("_")}
    names |= set(polyshm.__all__)
    assert len(names) > 40
    assert names - anchors(docs / "python/polyshm.html") == set()


def test_ruby(docs):
    lines = printed("ruby", "-rpolyshm", "-e", RUBY_NAMES, *CLASSES)
    assert len(lines) > 60
    pages = {page: anchors(docs / f"ruby/{page}.html") for page in {line.split()[0] for line in lines}}
    assert [line for line in lines if line.split()[1] not in pages[line.split()[0]]] == []


def test_lua(docs):
    names = set(printed("lua5.4", "-e", LUA_NAMES))
    assert len(names) > 50
    assert names - set().union(*map(anchors, (docs / "lua/classes").glob("*.html"))) == set()
    assert {name for name in printed("lua5.4", "-e", 'for name in pairs(require "polyshm") do print(name) end')} - set(
        re.findall(r"\w+", (docs / "lua/modules/polyshm.html").read_text())
    ) == set()


def test_c(docs):
    names = set(re.findall(r"^\s+(polyshm_\w+);", (ROOT / "abi/polyshm.map").read_text(), re.M))
    assert len(names) > 60
    assert names - anchors(docs / "c/index.html") == set()


def test_the_first_page_leads_to_all_of_them(docs):
    links = re.findall(r'href="([^"]*)"', (docs / "index.html").read_text())
    assert len(links) == 4
    assert all((docs / link).exists() for link in links)
