"""The demo's worker in a stock CPython, 3.9 or later, with nothing but the standard library.

    python3 count_stock.py TEXT RESULTS ROW
"""
import platform
import sys

import share
import stock


def main():
    text_name, results_name, row = sys.argv[1:]
    text = stock.attach_block(text_name)
    results = stock.attach_list(results_name)
    try:
        share.count(text.buf, results, int(row), f"Python {platform.python_version()}, standard library only")
    finally:
        results.shm.close()
        text.close()


main()
