"""Thin faces over a report or an assignment: command line, pages, templates, pytest."""
