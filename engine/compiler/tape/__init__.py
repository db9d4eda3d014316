"""The tape: a function on single numbers, run once on symbols, recorded and tidied up."""
