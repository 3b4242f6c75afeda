"""The image filter gives, pixel for pixel, what Pillow gives.

    POLYSHM_BUILD=build python3 interop/examples/image/test_image.py [TestCase ...]
"""
import os
import pathlib
import signal
import sys
import unittest

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1]))
from example import BUILD, DEADLINE, HERE, ExampleTest, need, wait_until  # noqa: E402

need("PIL", "numpy")
from PIL import Image, ImageFilter  # noqa: E402

import landscape  # noqa: E402

LOGO = pathlib.Path("/usr/share/pixmaps/debian-logo.png")


def tone(value):
    return round(255 * (3 * (value / 255) ** 2 - 2 * (value / 255) ** 3))


def filtered(picture):
    return picture.convert("RGB").filter(ImageFilter.BoxBlur(3)).point([tone(value) for value in range(256)] * 3)


class Image_(ExampleTest):
    name = "image"

    def check(self, picture, *arguments):
        """The example, given the arguments, makes of the picture what Pillow makes."""
        result = self.folder / "result.png"
        output = self.run_example(*arguments, result)
        self.assertEqual(output, f"{picture.width} x {picture.height} pixels in {result}\n")
        with Image.open(result) as made:
            made.load()
            expected = filtered(picture)
            self.assertEqual((made.format, made.mode, made.size), ("PNG", "RGB", expected.size))
            self.assertEqual(made.tobytes(), expected.tobytes())

    def check_file(self, picture, name):
        path = self.folder / name
        picture.save(path)
        with Image.open(path) as stored:
            self.check(stored, path)

    def test_the_landscape(self):
        self.check(landscape.paint(960, 600), "")

    def test_a_jpeg_of_odd_sizes(self):
        self.check_file(landscape.paint(333, 217), "photo.jpeg")

    def test_a_png_in_grey(self):
        self.check_file(landscape.paint(64, 100).convert("L"), "grey.png")

    def test_pictures_smaller_than_the_blur(self):
        for size in (1, 1), (2, 7):
            with self.subTest(size=size):
                self.check_file(landscape.paint(50, 50).resize(size), "small.png")

    def test_a_picture_with_transparency(self):
        if not LOGO.exists():
            self.skipTest(f"no {LOGO}")
        with Image.open(LOGO) as logo:
            self.check(logo, LOGO)

    def test_the_result_lies_in_the_working_folder_unless_told(self):
        self.run_example()
        self.assertTrue((self.folder / "image.png").exists())


class Failures(ExampleTest):
    name = "image"

    def check_example_fails(self, expected, *arguments):
        self.check_fails(expected, HERE / "run.sh", "image", *arguments)
        wait_until(lambda: not self.new_blocks())

    def test_a_missing_file_is_an_error(self):
        self.check_example_fails(r"\Aimage: .*No such file.*'missing'\n\Z", "missing")

    def test_a_file_that_is_no_picture_is_an_error(self):
        self.check_example_fails(r"\Aimage: cannot identify image file.*\n\Z", __file__)

    def test_a_result_that_cannot_be_written_is_an_error(self):
        self.check_example_fails(r"image: .*write.rb", "", self.folder / "no/folder.png")

    def test_blur_refuses_what_does_not_fit(self):
        blur = BUILD / "interop/example_blur"
        self.check_fails(r"\Ablur: usage", blur)
        self.check_fails(r"\Ablur: .*t_none", blur, "t_none", 1, 1)

    def large(self):
        path = self.folder / "large.bmp"
        landscape.paint(200, 200).resize((4000, 3000)).save(path)
        return self.start(path, "result.png")

    def test_ctrl_c_ends_it(self):
        self.check_ends_by(signal.SIGINT, 130, self.large())

    def test_nothing_is_left_when_python_is_killed(self):
        process = self.large()
        wait_until(self.new_blocks)
        os.kill(process.pid, signal.SIGKILL)
        process.wait(DEADLINE)
        wait_until(lambda: not self.new_blocks())


if __name__ == "__main__":
    unittest.main(verbosity=2)
