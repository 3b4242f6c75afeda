"""The tests of the description can fail: one thing in it is made wrong at a time, and each time somebody says so.

    python3 test_conformance.py PROGRAM LIBRARY DESCRIPTION
"""
import copy
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

import signatures

program, library, description = sys.argv[1:4]
TYPES = "int32_t", "uint32_t", "int64_t", "uint64_t", "double"


def change(value, key, new):
    value[key] = new


class Signatures(unittest.TestCase):
    """What the compiler knows."""

    @classmethod
    def setUpClass(cls):
        cls.compiled = signatures.read(library)

    def setUp(self):
        self.wrong = json.loads(pathlib.Path(description).read_text(encoding="utf-8"))

    def expect_differences(self, *words):
        found = list(signatures.differences(self.wrong, self.compiled))
        self.assertEqual(len(found), len(words), found)
        for difference, word in zip(found, words):
            self.assertIn(word, difference)

    def test_each_type_matters(self):
        functions = self.wrong["functions"]
        for function in functions:
            for typed in [function["returns"]] + function["parameters"]:
                kept = dict(typed)
                for other in TYPES:
                    if typed["pointers"] or typed["base"] != other:
                        typed.update(type=other, base=other, pointers=0)
                        self.expect_differences(function["name"] + ": described as")
                        typed.update(kept)
                typed["pointers"] += 1
                self.expect_differences(function["name"] + ": described as")
                typed.update(kept)
        self.expect_differences()

    def test_each_function_matters(self):
        for function in list(self.wrong["functions"]):
            self.wrong["functions"].remove(function)
            self.expect_differences(function["name"] + ": not described, but in the library")
            self.wrong["functions"].append(function)
        self.wrong["functions"].append(dict(function, name="polyshm_magic"))
        self.expect_differences("polyshm_magic: described, but not in the library")

    def test_order_and_number_of_parameters_matter(self):
        function = next(each for each in self.wrong["functions"] if each["name"] == "polyshm_list_wait")
        function["parameters"].reverse()
        self.expect_differences("polyshm_list_wait: described as")
        function["parameters"].reverse()
        function["parameters"].pop()
        self.expect_differences("polyshm_list_wait: described as")

    def test_versions_and_layouts_matter(self):
        self.wrong["functions"][0]["since"] = "1.1"
        self.wrong["structs"][0]["fields"][5]["offset"] += 8
        self.expect_differences("described since 1.1", "polyshm_value: described as")


class Driver(unittest.TestCase):
    """What the program that calls everything knows."""

    def setUp(self):
        self.wrong = json.loads(pathlib.Path(description).read_text(encoding="utf-8"))
        self.script = json.loads((pathlib.Path(__file__).parent / "work.json").read_text(encoding="utf-8"))
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def function(self, name):
        return next(each for each in self.wrong["functions"] if each["name"] == name)

    def parameter(self, function, name):
        return next(each for each in self.function(function)["parameters"] if each["name"] == name)

    def expect_failure(self, words, *edges):
        for name, value in ("wrong", self.wrong), ("script", self.script):
            (self.folder / name).write_text(json.dumps(value))
        answer = subprocess.run([program, "--believe", self.folder / "wrong", library, self.folder / "script", *edges],
                                capture_output=True, text=True, check=False)
        self.assertNotEqual(answer.returncode, 0)
        self.assertIn(words, answer.stderr)

    def expect_failure_at_edges(self, words, function):
        """Only the call of this function, and what it needs, so that it is soon over."""
        for scene in self.script:
            calls = [step.get("call") for step in scene["steps"]]
            if function in calls:
                self.script = [{"about": "", "steps": scene["steps"][:calls.index(function) + 1]}]
        self.expect_failure(words, "edges")

    def test_a_function_that_is_not_there(self):
        self.wrong["functions"].append(dict(self.wrong["functions"][0], name="polyshm_magic"))
        self.expect_failure("polyshm_magic: described, but not in the library")

    def test_a_function_that_is_not_described(self):
        self.wrong["functions"].remove(self.function("polyshm_list_count"))
        self.expect_failure("polyshm_list_count: no such function is described")

    def test_a_function_that_is_not_called(self):
        for scene in self.script:
            scene["steps"] = [step for step in scene["steps"] if step.get("call") != "polyshm_list_format"]
        self.expect_failure("polyshm_list_format: never called")

    def test_a_type_that_nobody_knows(self):
        self.parameter("polyshm_list_get", "index").update(base="int")
        self.expect_failure("polyshm_list_get: libffi cannot call what is described")

    def test_a_wrong_type(self):
        self.parameter("polyshm_list_get", "index").update(base="double")
        self.expect_failure("polyshm_list_get: the status is")

    def test_a_wrong_constant(self):
        next(each for each in self.wrong["constants"] if each["name"] == "POLYSHM_TYPE_STR")["value"] = 5
        self.expect_failure("polyshm_list_get: value is")

    def test_a_wrong_offset(self):
        next(each for each in self.wrong["structs"][0]["fields"] if each["name"] == "size")["offset"] = 24
        self.expect_failure("polyshm_list_get: value is")

    def test_a_wrong_status(self):
        self.script[1]["steps"][1]["status"] = "POLYSHM_ENOENT"
        self.expect_failure("polyshm_segment_create: the status is -4, not -5")

    def test_a_status_that_is_no_error(self):
        self.wrong["errors"] = [each for each in self.wrong["errors"] if each["name"] != "POLYSHM_EEXIST"]
        self.expect_failure("polyshm_segment_create: -4 is no status")

    def test_a_result_that_may_not_be_missing(self):
        self.parameter("polyshm_segment_size", "size")["nullable"] = "always"
        self.expect_failure_at_edges("polyshm_segment_size, 'size' is NULL: this may be NULL", "polyshm_segment_size")

    def test_a_result_that_may_be_missing(self):
        self.parameter("polyshm_list_wait", "version")["nullable"] = "never"
        self.expect_failure_at_edges("polyshm_list_wait, 'version' is NULL: this is invalid", "polyshm_list_wait")

    def test_memory_that_may_not_be_missing(self):
        self.parameter("polyshm_list_format", "buffer")["nullable"] = "if_empty"
        self.expect_failure_at_edges("'buffer' is NULL, of length 0: this may be NULL", "polyshm_list_format")

    def test_a_call_that_a_closed_handle_refuses(self):
        self.function("polyshm_segment_pin")["closed"] = "works"
        self.expect_failure_at_edges("polyshm_segment_pin, 'segment' is closed: it should work", "polyshm_segment_pin")

    def test_a_call_that_a_closed_handle_takes(self):
        self.function("polyshm_segment_size")["closed"] = "POLYSHM_ECLOSED"
        self.expect_failure_at_edges("polyshm_segment_size, 'segment' is closed: it should say", "polyshm_segment_size")

    def test_an_output_that_a_failure_changes(self):
        del self.parameter("polyshm_manager_names", "size")["set_by"]
        self.expect_failure("polyshm_manager_names: it failed, but wrote to 'size'")

    def test_a_crash(self):
        """The length is believed to be no length, so that NULL gets one."""
        self.parameter("polyshm_segment_ref", "segment").update(pointers=0, base="uint64_t")
        self.expect_failure_at_edges("Segmentation fault", "polyshm_segment_ref")


class File(unittest.TestCase):
    def test_a_file_that_differs_from_what_the_library_says(self):
        with tempfile.NamedTemporaryFile("w", suffix=".json") as other:
            wrong = copy.deepcopy(json.loads(pathlib.Path(description).read_text(encoding="utf-8")))
            wrong["version"] = "1.0.1"
            json.dump(wrong, other)
            other.flush()
            script = pathlib.Path(__file__).parent / "work.json"
            answer = subprocess.run([program, library, other.name, script], capture_output=True, text=True, check=False)
        self.assertNotEqual(answer.returncode, 0)
        self.assertIn("does not hold what polyshm_abi_description() gives", answer.stderr)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
