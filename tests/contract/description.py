"""The description of the ABI is made from the headers alone; from headers that it could not describe, it is not made.

    python3 description.py ABI-FOLDER BUILD-FOLDER POINTER ALIGNMENT
"""
import json
import pathlib
import runpy
import shutil
import sys
import tempfile
import unittest
import unittest.mock

abi, build = map(pathlib.Path, sys.argv[1:3])
target = dict(zip(("pointer", "alignment"), map(int, sys.argv[3:5])))  # that the build is for
describe = runpy.run_path(str(abi / "describe"), run_name="describe")

# Where something is written wrong: the file, what stands there, what then stands there, what the refusal says.
REFUSED = [
    ("segment.h", "uint64_t *size", "size_t *size", "does not understand"),
    ("segment.h", "uint64_t *size", "unsigned long *size", "which no rule covers"),
    ("segment.h", "uint64_t *size", "uint64_t **size", "which no rule covers"),
    ("segment.h", "uint64_t *size", "uint64_t *", "a parameter has no name"),
    ("segment.h", "polyshm_segment_unref(polyshm_segment *segment)", "polyshm_segment_unref(polyshm_segment *)",
     "a parameter has no name"),
    ("segment.h", "uint64_t *size", "uint64_t *size, ...", "a parameter has no name"),
    ("base.h", "polyshm_abi_version(void)", "polyshm_abi_version()", "(void) is none"),
    ("segment.h", "polyshm_segment_size(", "polyshm_segment_bytes(", "polyshm.map"),
    ("segment.h", "typedef struct polyshm_segment polyshm_segment;",
     "typedef struct polyshm_segment polyshm_segment;\ntypedef struct polyshm_pin polyshm_pin;",
     "polyshm_pin is a handle, but polyshm_pin_close is missing"),
    ("segment.h", "polyshm_segment **segment, int32_t *created", "int32_t *created, uint32_t segment",
     "behind a result"),
    ("segment.h", "void *data, uint64_t size);\n\n/* Copies size", "void *data);\n\n/* Copies size",
     "no size stands behind 'data'"),
    ("segment.h", "data may be NULL if size is 0", "data may be NULL if offset is 0", "not the length"),
    ("segment.h", "data may be NULL if size is 0", "date may be NULL if size is 0", "does not say what may be NULL"),
    ("segment.h", "0 if it was there; may be NULL", "0 if it was there; or NULL", "NULL in an unknown form"),
    ("segment.h", "   flags             any of", "   flag              any of", "'flag', which is no parameter"),
    ("segment.h", "/* Gives the size in bytes. Works on a closed handle. */", "", "no comment"),
    ("segment.h", " 0 for NULL. */", " */", "what it makes of NULL"),
    ("list.h", "content of values and buffer is undefined. */\nint32_t polyshm_list_read",
     "values and buffer are undefined. */\nint32_t polyshm_list_read", "'undefined' in an unknown form"),
    ("list.h", "values has room for", "there is room for", "'count', which is no parameter"),
    ("list.h", "    POLYSHM_TYPE_BYTES = 5    /* data, size */", "    POLYSHM_TYPE_BYTES = 5", "a comment beside it"),
    ("list.h", "POLYSHM_TYPE_INT64 = 2,", "POLYSHM_TYPE_INT64 = 1 + 1,", "must be a number"),
    ("list.h", "    uint32_t flags;\n    int64_t", "    uint32_t flags[2];\n    int64_t", "only numbers, pointers"),
    ("list.h", "typedef struct polyshm_list polyshm_list;", "typedef int polyshm_list;", "this is no function"),
    ("manager.h", "size is set all the same. buffer", "size is set just the same, or all the same. buffer",
     "'all the same' in an unknown form"),
    ("base.h", "const char *polyshm_version(void);", "extern const char polyshm_version[];", "this is no function"),
    ("base.h", "const char *polyshm_version(void);", "#define polyshm_version 1", "lost"),
    ("base.h", "POLYSHM_ENOTSTARTER = -30  /", "POLYSHM_ENOTSTARTER = -30, /* */\n    POLYSHM_ENEW = -31 /",
     "a comment beside it"),
    ("base.h", "POLYSHM_ENOTSTARTER = -30  /", "POLYSHM_ENOTSTARTER = -30, /* old */\n    POLYSHM_ENEW = -31 /",
     "the errors that base.h has"),
    ("base.h", "Never NULL; never\n * freed. */\nconst char *polyshm_status_name",
     "*/\nconst char *polyshm_status_name", "to whom the text belongs"),
    ("errors.def", "EAUTHKEY", "EAUTHKEYS", "no error that has a number"),
    ("errors.def", "EACCES, OSError, SystemCallError)", "13, OSError, SystemCallError)", "no error that has a number"),
    ("polyshm.map", "    polyshm_reap;\n", "", "polyshm_reap: declared since 1.0, but in polyshm.map since None"),
    ("polyshm.map", "polyshm_1.0", "polyshm_1.1", "declared since 1.0, but in polyshm.map since 1.1"),
    ("polyshm.h", "Everything here is there", "Everything is here", "since which version"),
]


class Description(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        for name in "include", "polyshm.map":
            copy = shutil.copytree if (abi / name).is_dir() else shutil.copy
            copy(abi / name, self.folder / name)

    def describe(self, pointer=8, alignment=8):
        outputs = [f"--{kind}={self.folder / kind}" for kind in ("json", "cdef", "source")]
        arguments = ["describe", str(self.folder), "--version=1.0.0", f"--pointer={pointer}",
                     f"--alignment={alignment}", *outputs]
        with unittest.mock.patch("sys.argv", arguments):
            describe["main"]()
        return json.loads((self.folder / "json").read_text())

    def edit(self, name, old, new):
        path = next(each for each in self.folder.rglob(name))
        text = path.read_text(encoding="utf-8")
        self.assertIn(old, text, f"{name} has changed: so must this test")
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    def test_the_same_headers_give_the_same_files(self):
        self.describe(**target)
        for ours, made in ("json", "polyshm.abi.json"), ("cdef", "polyshm.cdef"), ("source", "description.c"):
            self.assertEqual((self.folder / ours).read_text(), (build / "abi" / made).read_text())

    def test_what_cannot_be_described_is_refused(self):
        for name, old, new, words in REFUSED:
            with self.subTest(name=name, old=old, new=new):
                self.setUp()
                self.edit(name, old, new)
                with self.assertRaises(SystemExit) as refusal:
                    self.describe()
                self.assertIn(words, refusal.exception.code)
                self.assertFalse((self.folder / "json").exists())

    def test_what_is_said_in_a_header_is_what_is_described(self):
        self.edit("segment.h", "polyshm_segment_exists(const char *name, int32_t *exists);",
                  "polyshm_segment_exists(const char *name, int32_t *exists, double *age);")
        self.edit("segment.h", "It may be another a moment later.",
                  "age may be NULL. Since version 1.1.\n * On failure the content of age is undefined.")
        self.edit("polyshm.map", "    polyshm_segment_exists;\n", "")
        self.edit("polyshm.map", "polyshm_1.0 {", "polyshm_1.1 {\n    polyshm_segment_exists;\n};\npolyshm_1.0 {")
        function = next(each for each in self.describe()["functions"] if each["name"] == "polyshm_segment_exists")
        self.assertEqual(function["since"], "1.1")
        self.assertEqual(function["parameters"][2], {
            "name": "age", "type": "double *", "base": "double", "pointers": 1, "direction": "out",
            "nullable": "always", "on_failure": "undefined"})

    def test_a_struct_is_as_the_target_lays_it_out(self):
        for target, size, last in ((8, 8), 40, 32), ((4, 8), 40, 32), ((4, 4), 36, 28):
            value, = self.describe(pointer=target[0], alignment=target[1])["structs"]
            self.assertEqual((value["size"], value["fields"][-1]["offset"]), (size, last), target)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
