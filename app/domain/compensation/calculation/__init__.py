"""The calculation of compensation: a pure function from input relations to earning lines, run in the worker.

It owns the steps (`steps/NN_name.sql`), their exactness, their digests and the artefact a run leaves behind.
It refuses to know where inputs come from or where lines are posted: no web, no tables, no PostgreSQL.
The API process imports nothing of it.

    relations/  what is read, column by column
    inputs.py   what must be given            engine.py   calculate()
    loading.py  checks and loads it           digest.py   what a run is recognised by
    lines.py    what is answered              trace.py    from a line back to its credits
"""
