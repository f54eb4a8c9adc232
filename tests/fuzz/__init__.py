"""Readers under fuzzing: whatever the bytes, a reader gives rows or an InputError, nothing else."""
