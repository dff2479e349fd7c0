"""The trust boundary: everything that runs beside student code, and the grader's handle on it."""
