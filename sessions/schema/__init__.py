"""The vocabulary written down for others: tables in docs/record.md, docs/record.schema.json, and what was released of it.

`python -m sessions.schema` writes both, `--check` only compares. All made from the models; nobody edits them by hand.
"""
