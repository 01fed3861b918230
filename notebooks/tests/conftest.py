import os
import pathlib
import sys

NOTEBOOKS = pathlib.Path(__file__).parents[1]
sys.path.insert(0, str(NOTEBOOKS))
# What the kernels find, too.
os.environ["PYTHONPATH"] = str(NOTEBOOKS)
os.environ["PYTHONWARNINGS"] = "default"
