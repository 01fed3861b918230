"""Dawid and Skene by crowd-kit over tables of task, worker, label, gold: seconds and accuracy."""

import sys
import time
from pathlib import Path

import pandas as pd
from crowdkit.aggregation import DawidSkene

for line in sys.stdin:
    table = pd.read_csv(Path(sys.argv[1]) / f"{line.strip()}.csv", dtype=str)
    gold = table.dropna(subset=["gold"]).drop_duplicates("task").set_index("task")["gold"]
    start = time.perf_counter()
    labels = DawidSkene(n_iter=100).fit_predict(table[["task", "worker", "label"]])
    seconds = time.perf_counter() - start
    print(seconds, (labels[gold.index] == gold).mean(), flush=True)
