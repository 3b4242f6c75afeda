"""The shared list of results: a row a worker, and a last one for wc. A row is these items, one behind the other."""

LANGUAGE = 0  # str: who counted, None until done
START = 1  # int: the share of the text, from here
STOP = 2  # int: to here
BLANKS = 3  # int: bytes of the share that are in no file
BYTES = 4  # int: counted so far, with the blanks
LINES = 5  # int
WORDS = 6  # int
LONGEST = 7  # bytes: the longest word, of which KEPT bytes are kept; None until done
SECONDS = 8  # float: that it took to count

COLUMNS = 9
KEPT = 64
