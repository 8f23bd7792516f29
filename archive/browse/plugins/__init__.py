"""The folder that datasette is given as its plugins folder."""
