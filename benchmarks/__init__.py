"""Measurements of the program, each with its peer or floor in the same run. Nothing in the product imports from here.

A benchmark is a module or package `benchmarks/NAME` with two functions (see `benchmarks.registry`): `bench(options)` gives
the JSON document of `pencontrol bench NAME --json`, `lines(document)` says the same in words.
"""
