"""The demo's worker in Python, with polyshm: counts its share of the text, and fills its row of the results.

    python3 count.py TEXT RESULTS ROW
"""
import platform
import sys

import polyshm

import share


def main():
    text_name, results_name, row = sys.argv[1:]
    with polyshm.SharedMemory(text_name, readonly=True) as text, polyshm.ShareableList(name=results_name) as results:
        share.count(text.buf, results, int(row), f"Python {platform.python_version()}")


main()
