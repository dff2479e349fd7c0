"""From a folder of task files and a submission to a report."""
