"""Runs everything in rounds, ours and the peers after each other in each, and tells what came of it (../README.md)."""

import argparse
import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

import machine
import page
from bounds import BOUNDS
from figures import Figures, ratio
from programs import TOPICS, partners, programs
from words import quantity, times

TARGET = Path("build/bench")


def options():
    parser = argparse.ArgumentParser(prog="tests/bench/run.sh")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--only", default=",".join(TOPICS))
    given = parser.parse_args()
    given.topics = given.only.split(",")
    unknown = set(given.topics) - set(TOPICS)
    if unknown or given.rounds is not None and given.rounds < 1:
        parser.error(f"no such topic: {', '.join(unknown)}" if unknown else "at least one round")
    given.rounds = given.rounds or (3 if given.quick else 7)
    return given


def run(command):
    """The lines that a program prints. Its failure is one of the run: no figure is to be missing unseen."""
    result = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    if result.returncode != 0:
        sys.exit(f"failed with {result.returncode}: {shlex.join(command)}")
    return [json.loads(line) for line in result.stdout.splitlines()]


def measure(given):
    figures, commands = Figures(), [(topic, one) for topic in given.topics for one in programs(topic, given.quick)]
    for number in range(given.rounds):
        for topic, command in commands:
            progress = f"round {number + 1} of {given.rounds}: {topic}, {Path(command[0]).name}"
            print(f"\r{progress:70}" if sys.stderr.isatty() else "", end="", file=sys.stderr, flush=True)
            for line in run(command):
                figures.add(topic, line)
    print(f"\r{'':70}\r" if sys.stderr.isatty() else "", end="", file=sys.stderr)
    return figures, [shlex.join(command) for _, command in commands]


def print_cases(figures):
    """A line a case: our time, and how many times that the peers take."""
    print(f"{'':58}{'polyshm':>10}   the peers' time, as a multiple of ours (quartiles)")
    for _, language, case, (ours, *peers) in figures.cases():
        if ours.side != "polyshm":
            ours, peers = None, [ours, *peers]
        against = [f"{peer.side} {times(ratio(ours, peer)) if ours else quantity(peer)}" for peer in peers]
        print(f"{language:11}{case:47}{quantity(ours) if ours else '':>10}   {'; '.join(against)}")


def print_bounds(checked):
    print(f"\n{'must hold':66}{'bound':>16}{'found':>10}  quartiles")
    for bound, found in checked:
        text = f"{bound.words:66}{bound.kind + f' {bound.bound:g}':>16}"
        if found is None:
            print(f"{text}{'':>10}  not measured")
            continue
        value, spread, holds = found
        between = f"{spread[0]:.3g} to {spread[1]:.3g}" if spread else "the worst"
        print(f"{text}{value:10.3g}  {between:18}{'' if holds else 'NOT HELD'}")


def save(given, about, commands, figures, checked):
    bounds = [{"words": bound.words, "kind": bound.kind, "bound": bound.bound,
               **({"found": found[0], "quartiles": found[1], "holds": found[2]} if found else {"found": None})}
              for bound, found in checked]
    report = {"machine": about, "quick": given.quick, "rounds": given.rounds, "commands": commands, "bounds": bounds,
              "figures": [figure.json() for figure in figures.all.values()]}
    (TARGET / "report.json").write_text(json.dumps(report, indent=1) + "\n")
    (TARGET / "report.html").write_text(page.page(given, about, commands, figures, checked))


def main():
    given = options()
    os.environ["BENCH_QUICK"] = "1" if given.quick else "0"
    os.environ["BENCH_PARTNERS"] = partners()
    about = {**machine.describe(), "load before": machine.load()}
    figures, commands = measure(given)
    about["load after"] = machine.load()
    checked = [(bound, bound.check(figures)) for bound in BOUNDS]
    print_cases(figures)
    print_bounds(checked)
    print(f"\n{given.rounds} rounds; load before {about['load before']}, after {about['load after']}")
    save(given, about, commands, figures, checked)
    print(f"written: {TARGET}/report.html, {TARGET}/report.json")
    missed = [bound for bound, found in checked if found and not found[2]]
    return 1 if given.check and missed else 0


if __name__ == "__main__":
    sys.exit(main())
