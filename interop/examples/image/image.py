"""An image filter in four languages, on one copy of the pixels.

    run.sh image [PICTURE [RESULT.png]]

Python loads the picture into a block of shared memory, row by row, a red, a green and a blue byte for each pixel. Then
blur.c, tone.lua and write.rb get the block's name, one after the other, and work on it where it lies.
"""
import os
import pathlib
import subprocess
import sys

import polyshm
from PIL import Image

import landscape

HERE = pathlib.Path(__file__).resolve().parent
BUILD = pathlib.Path(os.environ["POLYSHM_BUILD"], "interop")
RADIUS = 3  # pixels that the blur reaches to each side


def load(path):
    return Image.open(path).convert("RGB") if path else landscape.paint(960, 600)


def steps(block, width, result):
    """What is to be run on the block. Its size and the width of a row give the height."""
    return [
        [BUILD / "example_blur", block.name, str(width), str(RADIUS)],
        ["luajit", HERE / "tone.lua", block.name],
        ["ruby", HERE / "write.rb", block.name, str(width), result],
    ]


def run(path=None, result="image.png"):
    picture = load(path)
    # The manager removes its blocks at the end of the with statement, and also if this process is killed before.
    with polyshm.SharedMemoryManager() as manager:
        block = manager.SharedMemory(3 * picture.width * picture.height)
        block.buf[:] = picture.tobytes()
        for command in steps(block, picture.width, result):
            subprocess.run(command, check=True)
    print(f"{picture.width} x {picture.height} pixels in {result}")


try:
    run(*sys.argv[1:])
except KeyboardInterrupt:
    raise SystemExit(130) from None
except (OSError, TypeError, ValueError, subprocess.CalledProcessError) as error:
    raise SystemExit(f"image: {error}") from error
