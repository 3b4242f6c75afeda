"""The ABI is the one that is written down in abi/baseline, and a change of it does not go unnoticed.

    python3 stability.py ABI-FOLDER BUILD-FOLDER C-COMPILER
"""
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

abi, build = map(pathlib.Path, sys.argv[1:3])
compiler = sys.argv[3]
sys.path.insert(0, str(abi / "baseline"))

import baseline  # noqa: E402, from the folder that is given


class Stability(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.described = json.loads((build / "abi/polyshm.abi.json").read_text(encoding="utf-8"))
        self.functions = {each["name"]: each for each in self.described["functions"]}

    def changed(self, growth=False):
        """The difference between the baseline and a library as it is described now."""
        return baseline.difference(baseline.make_library(compiler, self.described, self.folder), growth=growth)

    def test_the_library_is_the_one_that_was_published(self):
        self.assertEqual(baseline.difference(build / "libpolyshm.so"), "")
        self.assertEqual(self.changed(), "")

    def test_a_program_needs_what_was_published(self):
        library = build / "libpolyshm.so"
        symbols = baseline.needed_symbols(compiler, self.described, abi / "include", library, self.folder)
        self.assertEqual(symbols, baseline.SYMBOLS.read_text().split())

    def test_the_name_of_the_library_is_that_of_its_version(self):
        dynamic = baseline.run("readelf", "--dynamic", "--wide", build / "libpolyshm.so")
        self.assertIn("[libpolyshm.so.1]", dynamic)
        self.assertEqual(self.described["library"], "libpolyshm.so.1")

    def test_a_parameter_of_another_type(self):
        self.functions["polyshm_list_add"]["parameters"][2]["type"] = "int32_t"
        self.assertRegex(self.changed(growth=True), r"1 Changed(.|\n)*polyshm_list_add")

    def test_a_parameter_more(self):
        self.functions["polyshm_reap"]["parameters"].append({"name": "more", "type": "uint32_t"})
        self.assertRegex(self.changed(growth=True), r"1 Changed(.|\n)*polyshm_reap")

    def test_another_return_type(self):
        self.functions["polyshm_list_ref"]["returns"]["type"] = "int32_t"
        self.assertRegex(self.changed(growth=True), r"1 Changed(.|\n)*polyshm_list_ref")

    def test_a_function_less(self):
        self.described["functions"].remove(self.functions["polyshm_reap"])
        self.assertRegex(self.changed(growth=True), r"1 Removed(.|\n)*polyshm_reap")

    def test_a_function_in_another_version(self):
        self.functions["polyshm_reap"]["since"] = "1.1"
        self.assertIn("polyshm_reap@@polyshm_1.0", self.changed(growth=True))

    def test_a_struct_with_another_layout(self):
        self.described["structs"][0]["fields"].append({"name": "more", "type": "uint64_t"})
        self.assertIn("type size changed from 320 to 384", self.changed(growth=True))
        self.described["structs"][0]["fields"].pop()
        self.described["structs"][0]["fields"].reverse()
        self.assertIn("offset changed", self.changed(growth=True))

    def test_another_soname(self):
        self.described["library"] = "libpolyshm.so.2"
        self.assertIn("SONAME changed", self.changed(growth=True))

    def test_a_new_function_is_growth_and_is_to_be_written_down(self):
        self.described["functions"].append(dict(self.functions["polyshm_reap"], name="polyshm_reap_all", since="1.1"))
        self.assertRegex(self.changed(), r"1 Added(.|\n)*polyshm_reap_all")
        self.assertEqual(self.changed(growth=True), "")

    def test_what_is_behind_a_handle_hides_no_change(self):
        """The real library knows what a handle is, the baseline does not. Of what else differs, nothing is lost."""
        spoilt = 0
        for function in self.described["functions"]:
            for parameter in function["parameters"]:
                if parameter["pointers"] == 0:
                    parameter["type"] = "char"
                    spoilt += 1
                    break
        other = self.folder / "other.abi"
        other.write_text(baseline.run(*baseline.ABIDW, baseline.make_library(compiler, self.described, self.folder)))
        found = re.search(r"0 Removed, (\d+) Changed", baseline.difference(build / "libpolyshm.so", other))
        self.assertEqual(int(found.group(1)), spoilt)

    def test_what_is_written_down_is_not_changed_by_writing_it_down_again(self):
        copy, spoilt = self.folder / "abi/baseline", self.folder / "build"
        copy.mkdir(parents=True)
        (spoilt / "abi").mkdir(parents=True)
        for file in baseline.HERE.iterdir():
            if file.is_file():
                (copy / file.name).write_bytes(file.read_bytes())
        (copy.parent / "include").symlink_to((abi / "include").resolve())
        (spoilt / "libpolyshm.so").symlink_to((build / "libpolyshm.so").resolve())
        self.functions["polyshm_list_add"]["parameters"][2]["type"] = "int32_t"
        (spoilt / "abi/polyshm.abi.json").write_text(json.dumps(self.described))
        answer = subprocess.run([sys.executable, "-B", copy / "baseline.py", spoilt, compiler],
                                capture_output=True, text=True, check=False)
        self.assertIn("this does not grow the ABI, but changes it", answer.stderr)
        self.assertEqual((copy / baseline.ABI.name).read_text(), baseline.ABI.read_text())


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
