"""Which faults went unnoticed in the campaign that runs.sqlite holds."""

import sqlite3

with sqlite3.connect("runs.sqlite") as store:
    for (fault,) in store.execute("SELECT fault FROM runs WHERE classification = 'silent'"):
        print(fault)
