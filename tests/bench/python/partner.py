"""The other end of ping-pong (../c/pingpong.cc): sends back by item 1 what comes by item 0, until that is -1.

    partner.py NAME asleep|spinning
"""

import sys

import polyshm


def main():
    name, how = sys.argv[1:]
    items = polyshm.ShareableList(name=name)
    items[1] = seen = version = 0  # it is there
    while True:
        if how == "asleep":
            version = items.wait(version, item=0)
        number = items[0]
        if number == seen:
            continue
        if number == -1:
            return
        items[1] = seen = number


if __name__ == "__main__":
    main()
