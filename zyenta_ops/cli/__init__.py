"""The command line: parse, call one operation, print. No rule lives here."""
