"""The network: one lane per host, robots.txt, sizes, time limits."""
