"""The command line: one module a group of subcommands, each thin; errors are one plain sentence and exit code 1."""
