"""From a folder of reports to a new generation: scan, prepare, build."""
