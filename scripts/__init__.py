"""Chores of the checkout: preparing it, locking its dependencies, making its pictures."""
