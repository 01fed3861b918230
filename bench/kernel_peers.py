"""Edit distances by rapidfuzz and edlib over pairs of texts in a JSON file, timed one by one."""

import json
import sys
import time

import edlib
from rapidfuzz.distance import Levenshtein

PEERS = {
    "rapidfuzz": Levenshtein.distance,
    "edlib": lambda a, b: edlib.align(a, b, mode="NW", task="distance")["editDistance"],
}

with open(sys.argv[1], encoding="utf-8") as file:
    pairs = json.load(file)
for line in sys.stdin:
    peer, name, times = line.split()
    distance = PEERS[peer]
    start = time.perf_counter()
    for _ in range(int(times)):
        total = 0
        for a, b in pairs[name]:
            total += distance(a, b)
    print(time.perf_counter() - start, total, flush=True)
